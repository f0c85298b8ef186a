#!/usr/bin/env python3
# session.py: a client of dualpipe-session(5), written from that page, and clients that are none.
import array, os, resource, socket, sys, time

class Session:
    def __init__(self, path):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.connect(path)
        self.s.sendall(b"DUALPIPE/1\n")
        self.f = self.s.makefile("rb")
        self.about = self.message()

    def message(self):
        head = self.f.readline()
        if not head:
            raise EOFError
        word, *keys = head.decode().split()
        keys = dict(k.split("=", 1) for k in keys)
        return word, keys, self.f.read(int(keys.get("size", 0)))

    def ask(self, text, n=1, limit=0):
        self.s.sendall(b"ask n=%d limit=%d size=%d\n%s" % (n, limit, len(text), text))
        reply = b""
        while True:
            word, keys, data = self.message()
            if word in ("piece", "reply"):
                reply += data
            if word == "reply":
                return keys["outcome"], reply

def plain(path):
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    return s

def fds(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))

def cpu(pid):
    return sum(map(int, open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[11:13]))

def until(test, what):
    end = time.monotonic() + 20
    while not test():
        if time.monotonic() > end:
            sys.exit(f"never: {what}")

def conversation(path):  # with a bc
    s = Session(path)
    assert s.about[0] == "hello" and b"command=bc\0" in s.about[2], s.about
    assert s.ask(b"6*7\n") == ("ok", b"42\n")
    assert s.ask(b"3+4\n", 7, 5000) == ("ok", b"7\n")
    s.s.sendall(b"look\n")
    word, keys, data = s.message()
    assert word == "state" and int(keys["received"]) > 0
    for wrong in (b"nonsense", b"signal number=-1", b"signal number=9999", b"signal number=x",
                  b"signal", b"cancel n=x", b"cancel running=2", b"ask n=-1 size=1\n\n", b"ask limit=-1 size=1\n\n"):
        s.s.sendall(wrong + b"\n")
        word, keys, data = s.message()
        assert word == "wrong" and data, wrong
        assert not s.f.read(), "it is not closed"
        s = Session(path)
    s.s.sendall(b"signal number=18\n")
    assert s.ask(b"1\n") == ("ok", b"1\n")

def crowd(path, clients, connects):  # with a cat
    pid = int(Session(path).about[1]["pid"])
    until(lambda: fds(pid) <= 16, "no client is there")
    before = fds(pid)
    all = [plain(path) for i in range(clients)]
    for i, s in enumerate(all):
        s.sendall(b"%d\n" % i)
    for i, s in enumerate(all):
        assert s.makefile("rb").readline() == b"%d\n" % i, i
    for s in all:
        s.close()
    for i in range(connects):
        s = plain(path)
        s.sendall(b"%d\n" % i)
        assert s.recv(100) == b"%d\n" % i
        s.close()
    until(lambda: fds(pid) <= before, "descriptors back to %d" % before)

def timed(path, n):
    s = Session(path)
    times = []
    for i in range(n):
        since = time.monotonic()
        assert s.ask(b"%d\n" % i, i) == ("ok", b"%d\n" % i)
        times.append(time.monotonic() - since)
    return sorted(times)[int(n * 0.99)]

def sluggish(path):  # asks, and takes a byte of its answers at a time
    s = plain(path)
    while True:
        s.sendall(b"y\n")
        s.recv(1)
        yield

def flooding(path):  # asks as much as it can, and takes no answer
    s = plain(path)
    s.setblocking(False)
    while True:
        try:
            s.send((b"x" * 9999 + b"\n") * 8)
        except BlockingIOError:
            pass
        yield

def garbage(path):
    while True:
        s = plain(path)
        s.sendall(os.urandom(300) + b"\n")
        s.close()
        yield

def beside(path, *kinds):  # the process of such clients, each at work once
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        all = [kind(path) for kind in kinds]
        end = time.monotonic() + 60
        while os.getppid() != 1 and time.monotonic() < end:
            for client in all:
                next(client)
            os.write(w, b"x") if r else None
            r = None
            time.sleep(0.001)
        os._exit(0)
    os.read(r, 1)
    os.close(r)
    os.close(w)
    return pid

def neighbours(path, n, rounds=3):  # what 99 of 100 take, beside others and alone; with a cat
    all = {"one slow": [sluggish], "one flooding": [flooding], "one of garbage": [garbage],
           "all three": [sluggish, flooding, garbage]}
    ratios = {name: [] for name in all}
    for i in range(rounds):
        for name, kinds in all.items():
            alone = timed(path, n)
            pid = beside(path, *kinds)
            ratios[name].append(timed(path, n) / alone)
            os.kill(pid, 9)
            os.waitpid(pid, 0)
    print("  alone %14.0f us" % (alone * 1e6))
    for name, found in ratios.items():
        found.sort()
        middle = found[len(found) // 2]
        print("  beside %-15s %6.2f times that, %.2f..%.2f  goal 2.00 %s" %
              (name, middle, found[0], found[-1], "ok" if middle <= 2 else "MISSED"))
    return found[0] <= 2

def hostile(path):
    first = Session(path)
    pid = int(first.about[1]["pid"])
    before = fds(pid)
    for bytes in (b"DUALPIPE/1\nask n=1 size=1073741824\n", b"DUALPIPE/1\nask n=1 size=-1\n",
                  b"DUALPIPE/1\nask n=1 size=99999999999999999999\n", b"DUALPIPE/1\n" + b"a" * 5000,
                  b"DUALPIPE/1\n\0\n", b"DUALPIPE/1\nask size=\n"):
        s = plain(path)
        s.sendall(bytes)
        while s.recv(9999):
            pass
    s = plain(path)
    r, w = os.pipe()
    s.sendmsg([b"one\n"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [r, w]))])
    assert s.recv(9) == b"one\n"
    assert fds(pid) == before + 1, "descriptors were taken"
    s.close()
    whole = b"DUALPIPE/1\nask n=1 size=4\nabc\n"
    for k in range(len(whole) + 1):
        s = plain(path)
        s.sendall(whole[:k])
        s.close()
    assert first.ask(b"still\n") == ("ok", b"still\n")
    until(lambda: fds(pid) == before, "descriptors back")
    size = int(open(f"/proc/{pid}/statm").read().split()[1]) * 4
    assert size < 60000, f"{size} KiB"

def used_up(path):  # few descriptors, and more clients than that
    first = Session(path)
    pid = int(first.about[1]["pid"])
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (fds(pid) + 3, 1024))
    all = [plain(path) for i in range(20)]
    since, busy = time.monotonic(), cpu(pid)
    while time.monotonic() < since + 1:
        assert first.ask(b"x\n") == ("ok", b"x\n")
        time.sleep(0.05)
    assert cpu(pid) - busy < 20, f"{cpu(pid) - busy} ticks"
    for s in all[::-1]:
        s.sendall(b"z\n")
    for s in all[:]:
        assert s.recv(9) == b"z\n"
        s.close()

def stranger(path):
    above = [os.path.dirname(path), os.path.dirname(os.path.dirname(path))]
    for place, mode in (path, 0o666), (above[0], 0o711), (above[1], 0o711):
        os.chmod(place, mode)
    if os.fork() == 0:
        os.setgid(65534)
        os.setuid(65534)
        s = plain(path)
        try:
            s.sendall(b"x\n")
            got = s.recv(9)
        except OSError:
            got = b""
        os._exit(got not in (b"", b"wrong siz"))
    status = os.wait()[1]
    for place in above:
        os.chmod(place, 0o700)
    assert status == 0, "was answered"
    assert "another user" in open(path + ".dualpipe-log").read(), "not in the log"

def activation(path):  # a socket and a place to be ready at, as systemd passes them
    path += ".passed"
    s, n = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(path)
    s.listen(5)
    n.bind(path + ".notify")
    pid = os.fork()
    if pid == 0:
        os.dup2(s.fileno(), 3)
        os.set_inheritable(3, True)
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1",
                          NOTIFY_SOCKET=path + ".notify")
        os.execvp("dualpipe", ["dualpipe", "-q", "--listen", "@passed", "--", "cat"])
    assert n.recv(100) == b"READY=1"
    c = plain(path)
    c.sendall(b"one\n")
    assert c.recv(9) == b"one\n"
    os.kill(pid, 15)
    assert os.waitpid(pid, 0)[1] == 0 and os.path.exists(path)
    os.unlink(path)
    os.unlink(path + ".notify")

def ask_all(s, text):  # gives outcome, reply, and the reason of a failure
    s.s.sendall(b"ask n=1 size=%d\n%s" % (len(text), text))
    while True:
        word, keys, data = s.message()
        if word == "reply":
            at = len(data) - int(keys["reason"])
            return keys["outcome"], data[:at], data[at:]

def shifting(path):  # what could shift another's reply is refused; with a cat, by count
    good = Session(path)
    for text in (b"a\nb\n", b"a\nb", b"a", b"\n\n", b"", b"\0", b"a\r\nb\r\n"):
        for keys in ("", " quiet=0", " quiet=1", " limit=9", " x=1 quiet=1"):
            s = Session(path)
            s.s.sendall(b"ask n=3%s size=%d\n%s" % (keys.encode(), len(text), text))
            word, keys, data = s.message()
            assert (word, keys["n"], keys["outcome"]) == ("reply", "3", "refused"), (text, keys)
            assert keys["sent"] == "0" and int(keys["reason"]) > 0, keys
            assert good.ask(b"mine\n") == ("ok", b"mine\n"), text
    s.s.sendall(b"ask n=1 quiet=1 size=2\na\nask n=2 size=1\nbask n=3 size=2\nc\n")
    assert [s.message()[1]["outcome"] for i in range(3)] == ["refused", "refused", "ok"]
    for wrong in (b"ask quiet=2 size=2\na\n", b"ask quiet=x size=2\na\n", b"ask quiet=-1 size=2\na\n"):
        s = Session(path)
        s.s.sendall(wrong)
        assert s.message()[0] == "wrong" and not s.f.read(), wrong
        assert good.ask(b"mine\n") == ("ok", b"mine\n"), wrong
    for text in (b"half", b"a\nhalf", b"DUALPIPE/1\nask n=1 size=4\nha"):
        s = plain(path)
        s.sendall(text)
        s.close()
        assert good.ask(b"mine\n") == ("ok", b"mine\n"), text

def frames(path, kind):  # with a cat whose messages are frames of that kind
    one = {"crlf": b"a\r\n", "nul": b"a\0", "netstring": b"1:a,", "u8": b"\1a", "u16": b"\0\1a",
           "u32": b"\0\0\0\1a", "u32le": b"\1\0\0\0a", "varint": b"\1a",
           "header": b"Content-Length: 1\r\n\r\na", "pktline": b"0005a"}[kind]
    s = Session(path)
    wrong = one * 2, one[:-1], one + one[:1], b""
    refused = sum(ask_all(s, text)[0] == "refused" for text in wrong)
    answered = ask_all(s, one)[:2] == ("ok", one)
    print(f"{kind}: refused {refused} of {len(wrong)}, {'answered' if answered else 'lost'}")

def cancelling(path):  # with a python; the replies come in the order of asking
    s = Session(path)
    for n, text in (7, b"f = open('on', 'w'); time.sleep(600)\n"), (8, b"x = 0\n"), (9, b"print(9)\n"):
        s.s.sendall(b"ask n=%d size=%d\n%s" % (n, len(text), text))
    until(lambda: os.path.exists("on"), "begun")
    s.s.sendall(b"cancel n=8\ncancel n=7\n")
    for n in 7, 8, 9:
        reply = b""
        word = None
        while word != "reply":
            word, keys, data = s.message()
            reply += data
        how = "interrupted" if "interrupted" in keys else ""
        print(*f"{n} {keys['outcome']} {how} {reply.decode()}".split())

def ended(path, clients):  # with a child that has ended, which no client has been told yet
    pid = int(open(path + ".dualpipe-lock").read())
    before = fds(pid)
    s = Session(path)
    assert s.about[1]["over"] == "1"
    s.s.sendall(b"ask n=1 size=2\na\nask n=2 size=1\naask n=3 size=0\n")
    assert [s.message()[1]["outcome"] for i in range(3)] == ["not-started"] * 3
    other = plain(path)  # it isn't kept waiting for the first to say that it knows of the end
    other.sendall(b"DUALPIPE/1\nask n=1 size=2\na\n")
    other.shutdown(socket.SHUT_WR)
    assert b"reply n=1 outcome=not-started" in other.makefile("rb").read()
    other.close()
    s.s.close()
    s.f.close()
    for i in range(clients):
        s = plain(path)
        s.sendall(b"DUALPIPE/1\nask n=1 size=2\na\n")
        if i % 2:
            s.shutdown(socket.SHUT_WR)
        s.close()
    until(lambda: fds(pid) <= before, "descriptors back to %d" % before)

if __name__ == "__main__":
    name, path, *rest = sys.argv[1:]
    result = globals()[name](path, *(int(word) if word.isdigit() else word for word in rest))
    if name == "neighbours":
        sys.exit(not result)
