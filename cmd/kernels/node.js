// The kernel of node: evaluates whole requests in one lasting state, as at the prompt.
//
// Run as: node -e "$(cat node.js)"                (no single quote may stand in this file)
//
// Protocol. On stdin come requests: "SIZE TOKEN\n", SIZE bytes of text, one "\n". The text is
// evaluated as node does at its prompt (await at top level, {a: 1} is an object, _ is the last
// value); its last value is shown on stdout unless it is undefined, an error on stderr. Then all
// output is flushed and "TOKEN STATUS\n" is written: 0, or 1 after an error. The end of stdin
// ends the program with 0 (or process.exitCode), process.exit(3) as it says, without a token. A
// line that is no such header, as by a rule of the user's own, is a request itself and gets no
// token.
//
// What is easily got wrong:
// - The request must not read requests. Node cannot copy a descriptor: they come by the pipe of
//   stdin opened anew. Descriptor 0 becomes /dev/null, unless it is a terminal.
// - The request may close or replace stdout: tokens go by the pipe of stdout opened anew.
// - An error in a timer of an old request is no error of this one: the evaluator of "repl" gets
//   no domain, so that it hands back its own errors only.
// - SIGINT ends the running script (breakEvalOnSigint); else it does nothing. Node sets its handler
//   up before each script and takes it away behind, and a SIGINT between two would kill: "repl" is
//   made to set it up once more than it takes it away. Then node only notes a SIGINT that comes
//   while no script runs. "repl" asks for that note after each script: while a request waits in an
//   await we run an empty script now and then, and end the wait by the listener that "repl" has
//   made for it ("giveUp"). What runs on after an await without letting node wait (while (true))
//   cannot be interrupted, as at the prompt. With a listener of the user
//   for SIGINT, one that comes while a script runs ends node.
// - All here is strict and in a block: no name is left to the request. What stands below the
//   request on the stack is cut off from an error.
// - const x in two requests would be an error of the second: see "lasting". throw null is none.
"use strict"
{
    const fs = require("fs"), net = require("net"), tty = require("tty"), REPL = require("repl")
    const {PassThrough} = require("stream"), {isUtf8} = require("buffer")
    const {isNativeError} = require("util").types
    const {stdout, stderr} = process, {write} = stdout, {writeSync, fstatSync} = fs
    const exit = process.exit.bind(process), concat = Buffer.concat

    const openAgain = (fd, flags) => {
        try {
            return fs.openSync("/dev/fd/" + fd, flags)
        } catch {
            return fd                          // a socket, or a pipe of another user
        }
    }
    const out = openAgain(1, "a"), requests = tty.isatty(0) ? 0 : openAgain(0, "r")
    let source
    if (requests === 0) {
        source = process.stdin
    } else {
        fs.closeSync(0)
        fs.openSync("/dev/null")               // the lowest free descriptor: 0
        source = new net.Socket({fd: requests, readable: true, writable: false})
    }

    // Written at once, so that nothing is lost at process.exit.
    for (const stream of [stdout, stderr]) stream._handle?.setBlocking?.(true)

    const repl = REPL.start({
        prompt: "", input: new PassThrough, output: new PassThrough, terminal: false,
        useGlobal: true, breakEvalOnSigint: true, domain: {bind: evaluator => evaluator, on() {}}
    })
    const [giveUp] = repl.listeners("SIGINT")
    repl.removeAllListeners("SIGINT")
    repl.on("SIGINT", onInterrupt)
    let answers = []
    Object.defineProperty(repl, "breakEvalOnSigint", {get: () => answers.shift() ?? true})
    repl._setRawMode = function () { throw null }
    try {
        repl.eval("0\n", repl.context, "REPL0", function () {})
    } catch { }
    delete repl._setRawMode

    let chunks = [], length = 0, needed = 1    // what came of requests; so much is waited for
    let token, ended = false
    let number = 0, told = false
    let state = "idle", interrupted = false    // state: idle, running, awaiting, flushing

    function onData(chunk) {
        chunks.push(chunk)
        length += chunk.length
        if (state === "idle" && length >= needed) next()
    }

    // Takes the next request, if it is there as a whole.
    function next() {
        const held = chunks.length === 1 ? chunks[0] : concat(chunks)
        const start = held.indexOf("\n") + 1
        const line = held.toString("latin1", 0, start)
        const isHeader = /^\d+ dp\w+\n$/.test(line)
        const header = line.trim().split(" ")
        const end = isHeader ? start + Number(header[0]) : start - 1
        chunks = [held]
        needed = start ? end + 1 : length + 1
        if (length < needed) {
            if (ended) exit()
            return
        }
        token = isHeader && header[1]
        chunks = [held.subarray(needed)]
        length -= needed
        needed = 1
        const text = held.subarray(isHeader ? start : 0, end)
        if (text.length) return evaluate(text)

        // An empty request asks whether an interrupt is over. A thread of node's takes signals, which
        // may come to run only now: it is left some time.
        state = "flushing"
        setTimeout(evaluate, 20, text)
    }

    // The parser that node itself uses; without it declarations stay as they are.
    let parse
    function loadParser() {
        parse = () => { throw null }
        try {
            const text = process.binding("natives")["internal/deps/acorn/acorn/dist/acorn"]
            const module = {exports: {}}
            new Function("exports", "module", text)(module.exports, module)
            parse = module.exports.parse
        } catch { }
    }

    // Turns const, let and class at top level into var, so that a later request may declare the
    // same name again. Lines stay, and columns but behind a class.
    function lasting(text) {
        if (!/\b(?:const|let|class)\b/.test(text)) return text
        if (!parse) loadParser()
        let tree
        try {
            tree = parse(text, {ecmaVersion: "latest", allowAwaitOutsideFunction: true})
        } catch {
            return text
        }
        for (const {type, kind, start, id} of tree.body.reverse()) {
            const head = text.slice(0, start)
            if (type === "VariableDeclaration" && kind !== "var")
                text = head + "var".padEnd(kind.length) + text.slice(start + kind.length)
            if (type === "ClassDeclaration")
                text = head + "var " + id.name + " = " + text.slice(start)
        }
        return text
    }

    function evaluate(bytes) {
        const wrong = isUtf8 && !isUtf8(bytes) && new SyntaxError("the request is not valid UTF-8")
        if (wrong) return finish(wrong)
        let finished = false, looking
        state = "running"
        interrupted = false
        const text = lasting(bytes.toString() + "\n")
        repl.eval(text, repl.context, "REPL" + ++number, function done(error, value) {
            if (finished) return
            finished = true
            clearInterval(looking)
            if (error?.code === "ERR_SCRIPT_EXECUTION_INTERRUPTED") endWrites()
            if (error !== null) return finish(error, true)
            if (value === undefined) return finish()
            try {
                if (!repl.underscoreAssigned) repl.last = value
                if (isNativeError(value)) trim(value)
                stdout.write(repl.writer(value) + "\n")
            } catch (error) {
                return finish(error, true)
            }
            finish()
        })
        if (finished) return
        state = "awaiting"
        if (interrupted) giveUp()
        looking = setInterval(look, 20).unref()
    }

    function finish(error, failed = error) {
        state = "flushing"
        if (failed) {
            if (error instanceof REPL.Recoverable) error = error.err
            if (!repl.underscoreErrAssigned) repl.lastError = error
            tell(error)
        }
        flush(stdout, function () {
            flush(stderr, function () {
                if (token) writeSync(out, token + (failed ? " 1\n" : " 0\n"))
                state = "idle"
                if (length || ended) setImmediate(next)
            })
        })
    }

    // A script can be interrupted within a write, in the code of node. The stream then takes it for
    // unfinished for ever, though it has been written: all is written at once here.
    function endWrites() {
        for (const stream of [stdout, stderr]) {
            const inner = stream._writableState
            if (!inner?.writing) continue
            inner.bufferProcessing = false
            inner.onwrite()
        }
    }

    // Calls back when all that was written to a stream is out.
    function flush(stream, then) {
        if (stream === stdout && !told) {
            let why = stream.writable ? "" : "it was closed"
            try {
                fstatSync(1)
            } catch (error) {
                why = error.message
            }
            told = why !== ""
            if (told) complain("node: output to stdout is lost: " + why + "\n")
        }
        if (!stream.writableLength || stream.destroyed) return then()
        write.call(stream, "", function () { then() })
    }

    function complain(text) {
        try {
            stderr.write(text)
        } catch { }
    }

    // Shows an error as the prompt does, without the frames below the request.
    function tell(error) {
        let text
        try {
            for (let e = error, n = 0; isNativeError(e) && n < 10; e = e.cause, n++) trim(e)
            text = repl.writer(error)
        } catch {
            text = String(error)
        }
        if (/^\[.*\]$/s.test(text)) text = text.slice(1, -1)
        text = text.replace(/^REPL\d+:\d+\n\s*\n(?=\w*Error)/, "")   // the end of the text
        const head = /^\[?([A-Z][a-z0-9_]*)*Error/m.exec(text)
        const at = head ? head.index : 0
        complain(text.slice(0, at) + "Uncaught " + text.slice(at) + "\n")
    }

    function trim(error) {
        const lines = error.stack.split("\n")
        const ours = /^ +at .*(node:vm:|node:internal.vm|node:repl:|\[eval\])/
        const below = lines.findIndex(line => ours.test(line))
        if (below >= 0) error.stack = lines.slice(0, below).join("\n")
    }

    // A SIGINT came while no script ran, or too late to stop the one that ran.
    function onInterrupt() {
        interrupted = true
        if (state === "awaiting") giveUp()
    }

    // Has "repl" look whether a SIGINT came. It asks three times whether SIGINT breaks: before it
    // sets the handler up, for the script (which would swallow the note) and before it looks.
    function look() {
        answers = [true, false, true]
        repl.eval("void 0\n", repl.context, "REPL", function () {})
        answers = []
    }

    process.on("uncaughtException", tell)
    process.on("unhandledRejection", tell)

    source.on("data", onData)
    source.on("end", function () {
        ended = true
        if (state === "idle") next()
    })
}
