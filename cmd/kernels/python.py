# The kernel of python: evaluates whole requests in one lasting __main__, as at the prompt.
#
# Run as: python3 -q -u -c "$(cat python.py)"     (no single quote and no {} may stand in this file)
#
# Protocol. On stdin come requests: "SIZE TOKEN\n", SIZE bytes of text, one "\n". The whole text
# is compiled first, so a syntax error runs nothing. Each expression at top level is shown. Then
# all output is flushed and "TOKEN STATUS\n" is written: 0, or 1 after an exception. The end of
# stdin ends the program with 0; SystemExit ends it as it says, without a token. A line that is no
# such header, as by a rule of the user's own, is a request itself and gets no token.
#
# What is easily got wrong:
# - The request must not read requests. They come by a copy of stdin that no program started
#   inherits; descriptor 0 is /dev/null, unless it is a terminal. A forked process (its process
#   number differs) that comes back here ends.
# - The request may close or replace stdout: tokens go to a copy.
# - The request may redefine print, len, even in builtins: all here runs with private globals and
#   a private copy of the builtins. It leaves no name in __main__.
# - The request may look at the stack. "requests" is a generator, so it is not on the stack while
#   a request runs. There are two frames below: this text as the module, and "loop", whose
#   variables lead nowhere.
# - SIGINT raises KeyboardInterrupt only in what "loop" runs. The handler decides by the
#   interrupted frame, not by a flag: there is no moment between a flag and what it tells.
# - What the request itself could have replaced (sys.excepthook) is run by "loop" too, so that it
#   can be interrupted and may fail.
# - A signal handler of the user may raise while a request is waited for: that is shown, and no
#   more. Raised within a few microseconds round a reply it ends the program, loudly.
# - Python -i is not wanted: after SystemExit it would go on at a prompt.
def kernel(main):
    import _ast, fcntl, linecache, os, select, signal, sys, traceback
    import __future__
    from functools import partial

    HIGH = 250                 # private descriptors stand from here on, out of the way
    KEPT = 16 << 20            # so many bytes of old requests are kept for tracebacks
    FUTURE = 0
    for feature in __future__.all_feature_names:
        FUTURE |= getattr(__future__, feature).compiler_flag
    pid, getpid, write, fstat = os.getpid(), os.getpid, os.write, os.fstat

    def private(fd):
        try:
            return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, HIGH)
        except OSError:
            return os.dup(fd)

    source = open(private(0), "rb", closefd=False)
    out = private(1)
    if not os.isatty(0):
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)

    # The frame below each request: it runs what "requests" yields and hands back what it raised.
    def loop(requests, exc_info):
        for run, failed in requests:
            requests = None
            try:
                run()
            except:
                failed(exc_info())
        exec("", dict())  # else python ends by SIGINT if one hit an exec of a request

    def on_interrupt(number, frame):
        while frame and frame.f_code is on_interrupt.__code__:
            frame = frame.f_back
        innermost = frame
        while frame and frame.f_code not in (loop.__code__, requests.__code__):
            frame = frame.f_back
        if frame and frame is not innermost and frame.f_code is loop.__code__:
            raise KeyboardInterrupt

    # Asyncio and others compare with this name; a request may set it back by this name.
    signal.default_int_handler = on_interrupt
    signal.signal(signal.SIGINT, on_interrupt)

    # The size and token of a header; or None and the line, which is a request.
    def take_header(line):
        words = line.split(b" ")
        if len(words) == 2 and words[0].isdigit() and words[1].startswith(b"dp"):
            return int(words[0]), words[1].rstrip(), None
        return None, None, line

    # Yields what "loop" is to run, each with a function that takes what it raised.
    def requests():
        flags, number, kept, size_kept, told = 0, 0, [], 0, set()
        while True:
            raised = None
            try:
                header = source.readline()
            except BaseException:  # from a signal handler of the user, at idle
                raised = sys.exc_info()
            if raised:
                yield from report(raised[0], raised[1], raised[2].tb_next)
                continue
            if not header:
                return
            size, token, text = take_header(header)
            if token:
                text = source.read(size + 1)
                if len(text) <= size:
                    return
            text = text[:-1] if text.endswith(b"\n") else text

            number += 1
            name = "<request %d>" % number
            lines = [line + "\n" for line in text.decode("utf-8", "replace").split("\n")]
            linecache.cache[name] = len(text), None, lines, name
            kept.append((name, len(text)))
            size_kept += len(text)
            while size_kept > KEPT and len(kept) > 1:
                old, length = kept.pop(0)
                linecache.cache.pop(old, None)
                size_kept -= length

            raised = []
            try:
                tree = compile(text, name, "exec", _ast.PyCF_ONLY_AST | flags, True)
                code = compile(_ast.Interactive(tree.body), name, "single", flags, True)
                flags |= code.co_flags & FUTURE
            except Exception as error:
                if isinstance(error, SyntaxError) and error.text is None and error.lineno:
                    if 0 < error.lineno <= len(lines):
                        error.text = lines[error.lineno - 1]
                raised.append((type(error), error, None))
            else:
                yield partial(exec, code, main), raised.append
                if raised:
                    kind, error, trace = raised[0]
                    raised[0] = kind, error, trim(trace)
            text = lines = tree = code = None
            if raised:
                yield from report(*raised[0])
            status = 1 if raised else 0
            raised = kind = error = trace = None

            flush(told)
            if getpid() != pid:
                sys.exit(status)
            line = token and token + b" %d\n" % status
            while line:
                try:
                    line = line[write(out, line):]
                except BlockingIOError:
                    select.select([], [out], [])
                except BrokenPipeError:
                    return

    # The traceback without the frames of "loop" and "on_interrupt".
    def trim(trace):
        first = trace = trace.tb_next
        while trace and trace.tb_next:
            if trace.tb_next.tb_frame.f_code is on_interrupt.__code__:
                trace.tb_next = None
            trace = trace.tb_next
        return first

    # Shows an exception as the prompt does. SystemExit ends the program instead.
    def report(kind, error, trace):
        error = error.with_traceback(trace)
        if issubclass(kind, SystemExit):
            flush(set())
            raise error
        sys.last_type, sys.last_value, sys.last_traceback = kind, error, trace
        if sys.version_info >= (3, 12):
            sys.last_exc = error
        raised = []
        hook = getattr(sys, "excepthook", sys.__excepthook__)
        if hook is sys.__excepthook__:
            hook = show
        yield partial(hook, kind, error, trace), raised.append
        if raised:
            kind2, error2, trace2 = raised[0]
            if issubclass(kind2, SystemExit):
                raise error2
            yield partial(show, kind2, error2, trim(trace2)), raised.append
            yield partial(sys.__excepthook__, kind, error, trace), raised.append

    # The hook of python before 3.13 does not know the text of requests.
    def show(kind, error, trace):
        sys.stderr.write("".join(traceback.format_exception(kind, error, trace)))

    # Flushes all; tells once for each stream that it cannot be written any more.
    def flush(told):
        for name in "stdout", "__stdout__", "stderr":
            stream = getattr(sys, name, None)
            name = name.strip("_")
            try:
                if stream is not None and stream is sys.__stdout__:
                    fstat(1)
                if hasattr(stream, "flush"):
                    stream.flush()
            except Exception as why:
                if name in told:
                    continue
                told.add(name)
                try:
                    write(2, ("python: output to %s is lost: %s\n" % (name, why)).encode())
                except OSError:
                    pass

    sys.argv[:] = [""]
    sys.ps1 = sys.ps2 = ""
    return partial(loop, requests(), sys.exc_info)


kernel = type(kernel)(kernel.__code__, {"__builtins__": vars(__builtins__).copy()})
globals().pop("kernel")(globals())()
