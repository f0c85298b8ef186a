"""victim.py: a process of the same user's that an attack would reach: secrets in its memory, its
environment, its command line and an open file, sockets that it listens on. It says in lines of
JSON where they are, then what befell it whenever a line of stdin asks."""
import ctypes, json, os, select, signal, socket, sys

home = os.environ["HOME"]
rendezvous = os.path.join(os.path.dirname(home), "sockets")
events = []
memory = ctypes.create_string_buffer(sys.stdin.readline().strip().encode(), 64)
target = ctypes.create_string_buffer(b"as it was", 64)
secret = os.open(os.path.join(home, "procfd"), os.O_RDONLY)
flicker = os.path.join(home, sys.stdin.readline().strip())


def listening(family, kind, address, protocol=0):
    s = socket.socket(family, kind, protocol)
    s.bind(address)
    if kind == socket.SOCK_STREAM:
        s.listen(16)
    s.setblocking(False)
    return s


def listen_all():
    local = ("127.0.0.1", 0)
    yield "tcp", listening(socket.AF_INET, socket.SOCK_STREAM, local)
    yield "udp", listening(socket.AF_INET, socket.SOCK_DGRAM, local)
    try:
        yield "mptcp", listening(socket.AF_INET, socket.SOCK_STREAM, local, 262)
    except OSError:
        pass
    for name, kind in ("stream", socket.SOCK_STREAM), ("dgram", socket.SOCK_DGRAM):
        yield name, listening(socket.AF_UNIX, kind, os.path.join(rendezvous, name))
        yield ("abstract" + name).removesuffix("stream"), listening(
            socket.AF_UNIX, kind, f"\0victim-{name}-{os.getpid()}")


def where(s):
    name = s.getsockname()
    if isinstance(name, tuple):
        return name[1]
    return name[1:].decode() if isinstance(name, bytes) else name


def drain(name, s):
    """Whoever has come, or what has."""
    while True:
        try:
            if s.type == socket.SOCK_STREAM:
                s.accept()[0].close()
            else:
                s.recv(4096)
            events.append(name)
        except BlockingIOError:
            return
        except OSError:
            pass


def answer(sockets):
    for name, s in sockets.items():
        drain(name, s)
    if target.value != b"as it was":
        events.append("memory altered")
    print(json.dumps(events), flush=True)
    events.clear()


signal.signal(signal.SIGURG, lambda *_: events.append("signal"))
all = dict(listen_all())
print(json.dumps({**{name: where(s) for name, s in all.items()}, "victim": os.getpid(),
                  "fd": secret, "address": ctypes.addressof(memory),
                  "target": ctypes.addressof(target)}), flush=True)
while True:
    if select.select([0], [], [], 0.02)[0]:
        if not sys.stdin.readline():
            break
        answer(all)
    else:  # a file comes and goes: its name is a secret
        try:
            os.close(os.open(flicker, os.O_CREAT | os.O_WRONLY, 0o600))
            os.unlink(flicker)
        except OSError:  # the home is being made anew
            pass
