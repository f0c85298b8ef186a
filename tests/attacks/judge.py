"""judge.py: the world that an attack is let loose in, and what it has done to it. An attack has
escaped if a secret is in its output, if anything outside is not as it was, if the victim met it;
its own word counts only where nothing can be seen from outside."""
import contextlib, ctypes, errno, fcntl, json, os, platform, pty, re, resource, secrets, select, shutil
import signal, socket, subprocess, termios, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 150 * int(os.environ.get("SLOW", 1))  # seconds of an attack; SLOW: tests/lib.sh
NAMES = ("home list pointer xattr tool flicker memory env fd shadow passwd leak caller argv").split()
IOPRIO_GET = {"x86_64": 252, "aarch64": 31}.get(platform.machine())


def read(path, binary=False):
    try:
        with open(path, "rb") as f:
            data = f.read()
    except OSError:
        return None
    return data if binary else data.decode(errors="replace")


def write(path, text, uid, mode=0o600):
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    os.chown(path, uid, uid)
    os.chmod(path, mode)


def wait_until(test, limit=10.0):
    end = time.monotonic() + limit
    while not (result := test()) and time.monotonic() < end:
        select.select([], [], [], 0.01)
    return result


def processes(uid=None, word=None):
    """Those of a user's, or with a word in their command line; no zombies."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if word is not None and word in (read(f"/proc/{pid}/cmdline") or ""):
            found.append(int(pid))
        elif uid is not None and (status := read(f"/proc/{pid}/status")):
            if f"\nUid:\t{uid}\t" in status and "\nState:\tZ" not in status:
                found.append(int(pid))
    return found


class World:
    """A directory with a home, programs and a victim of the user's, and this machine."""

    def __init__(self, root, uid, build, attack):
        self.root, self.uid = root, uid
        self.home, self.bin = os.path.join(root, "home"), os.path.join(root, "bin")
        self.secrets = {name: name + secrets.token_hex(10) for name in NAMES}
        self.secrets["size"] = str(10**8 + secrets.randbelow(10**9))
        self.key = 1 + secrets.randbelow(2**30)
        for name in "bin", "run", "sockets":
            os.mkdir(os.path.join(root, name), 0o755)
            os.chown(os.path.join(root, name), uid, uid)
        os.chmod(os.path.join(root, "run"), 0o700)
        shutil.copy(os.path.join(build, "dualpipe"), self.bin)
        for name in "attack", "suid":
            shutil.copy(attack, os.path.join(self.bin, name))
        if os.geteuid() == 0:
            os.chmod(os.path.join(self.bin, "suid"), 0o4755)
        shutil.copy(os.path.join(HERE, "victim.py"), root)
        write(os.path.join(root, "leak"), self.secrets["leak"], uid)
        self.furnish()
        self.start_victim()

    def furnish(self):
        """The home as it is before an attack. The victim always makes a file there anew."""
        wait_until(lambda: shutil.rmtree(self.home, ignore_errors=True) or
                   not os.path.lexists(self.home))
        os.mkdir(self.home, 0o755)
        os.chown(self.home, self.uid, self.uid)
        plain = "write unlink rename renameout truncate chmod utime setxattr".split()
        for name in plain + [self.secrets["list"]]:
            write(os.path.join(self.home, name), "as it was\n", self.uid)
        for name, secret in ("secret", "home"), ("procfd", "fd"):
            write(os.path.join(self.home, name), self.secrets[secret] + "\n", self.uid)
        write(os.path.join(self.home, "chown"), "", self.uid, 0o4755)
        write(os.path.join(self.home, "tool"), f"#!/bin/sh\necho got {self.secrets['tool']}\n",
              self.uid, 0o700)
        write(os.path.join(self.home, "sized"), "", self.uid)
        os.truncate(os.path.join(self.home, "sized"), int(self.secrets["size"]))
        os.symlink(self.secrets["pointer"], os.path.join(self.home, "pointer"))
        for name in "rmdir", "box":
            os.mkdir(os.path.join(self.home, name))
            os.chown(os.path.join(self.home, name), self.uid, self.uid)
        write(os.path.join(self.home, "tagged"), "", self.uid)
        try:
            os.setxattr(os.path.join(self.home, "tagged"), "user.secret",
                        self.secrets["xattr"].encode())
        except OSError:  # a file system without
            pass
        write(os.path.join(self.bin, "spare"), "as it was", self.uid, 0o755)

    def user(self):
        """Arguments of Popen that start a process as the user."""
        if os.geteuid() != 0:
            return {}
        return {"user": self.uid, "group": self.uid, "extra_groups": []}

    def start_victim(self):
        self.victim = subprocess.Popen(
            ["/usr/bin/python3", "-I", os.path.join(self.root, "victim.py"), self.secrets["argv"]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **self.user(),
            env={"HOME": self.home, "SECRET": self.secrets["env"], "PATH": os.environ["PATH"]})
        print(self.secrets["memory"], self.secrets["flicker"], sep="\n", file=self.victim.stdin,
              flush=True)
        self.facts = json.loads(self.victim.stdout.readline())
        self.unharmed = self.look_at_victim()

    def stop_victim(self):
        self.victim.stdin.close()
        self.victim.wait()
        self.victim.stdout.close()
        for name in "stream", "dgram":
            os.unlink(os.path.join(self.root, "sockets", name))

    def restore(self):
        """As it was before the attack."""
        self.furnish()
        if self.look_at_victim() != self.unharmed or self.events():
            self.stop_victim()
            self.start_victim()

    def events(self):
        """What the victim has met since it was asked last."""
        print("?", file=self.victim.stdin, flush=True)
        return json.loads(self.victim.stdout.readline())

    def look(self):
        """All outside that an attack may not change."""
        seen = {"host": os.uname().nodename, "spare": read(os.path.join(self.bin, "spare")),
                "key": f"{self.key} " in (read("/proc/sysvipc/shm") or "")}
        for entry in os.scandir(self.home):
            if entry.name in (self.secrets["flicker"], "box"):
                continue  # the one is always new, the other given to some
            st = entry.stat(follow_symlinks=False)
            plain = entry.is_file(follow_symlinks=False) and st.st_size < 4096
            tags = os.listxattr(entry.path, follow_symlinks=False)
            seen[entry.name] = (st.st_mode, st.st_uid, st.st_nlink, st.st_size, st.st_mtime_ns,
                                tags, read(entry.path) if plain else None)
        return seen | self.look_at_victim()

    def look_at_victim(self):
        pid = self.victim.pid
        stat = read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()
        libc = ctypes.CDLL(None)
        return {"nice": stat[16], "policy": stat[38], "limits": read(f"/proc/{pid}/limits"),
                "affinity": os.sched_getaffinity(pid), "oom": read(f"/proc/{pid}/oom_score_adj"),
                "ioprio": IOPRIO_GET and libc.syscall(IOPRIO_GET, 1, pid)}


class Run:
    """One attack by one way, in a terminal of its own; what is seen of it."""

    def __init__(self, world, name):
        self.world, self.name = world, name
        self.token = "token" + secrets.token_hex(10)
        self.bind = free_port()
        self.out, self.err = os.path.join(world.root, "out"), os.path.join(world.root, "err")

    def facts(self, tty):
        w = self.world
        told = {**w.facts, "token": self.token, "home": w.home, "tty": tty, "key": w.key,
                "bind": self.bind, "spare": os.path.join(w.bin, "spare"),
                "suid": os.path.join(w.bin, "suid")}
        return [f"{name}={value}" for name, value in told.items()]

    def start(self, command, tty, outputs, leak, uid):
        def prepare():
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            for what, most in ((resource.RLIMIT_CPU, 60), (resource.RLIMIT_NPROC, 4000),
                               (resource.RLIMIT_FSIZE, 1 << 30)):
                resource.setrlimit(what, (most, most))
        most = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (most, most))
        who = self.world.user() if uid else {}
        return subprocess.Popen(
            command, stdin=tty, stdout=outputs[0], stderr=outputs[1], cwd=self.world.home,
            pass_fds=[leak], start_new_session=True, preexec_fn=prepare, **who,
            env={"PATH": f"{self.world.bin}:/usr/bin:/bin", "HOME": self.world.home,
                 "SECRET": self.world.secrets["caller"], "TERM": "dumb", "LC_ALL": "C"})

    def go(self, way, options, uid):
        """Runs it; WAY makes the command of the attack's words."""
        w = self.world
        master, tty = pty.openpty()
        os.fchown(tty, w.uid, -1)
        for path in self.out, self.err:
            write(path, "before\n", w.uid)
        outputs = [os.open(path, os.O_WRONLY | os.O_APPEND) for path in (self.out, self.err)]
        leak = os.open(os.path.join(w.root, "leak"), os.O_RDONLY)
        flags = [fcntl.fcntl(fd, fcntl.F_GETFL) for fd in (tty, *outputs)]
        before = w.look()
        w.events()
        commands = way(w, self.name, options, self.facts(os.ttyname(tty)))
        self.status = []
        for command in commands:
            child = self.start(command, tty, outputs, leak, uid)
            self.status.append(self.finish(child))
        self.evidence = []
        if survivors := self.survivors():
            self.evidence.append("survives")
            for pid in survivors:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            wait_until(lambda: not processes(word=self.token))
        self.note_changes(before, w.look())
        self.evidence += sorted(set(met := w.events()))
        if "memory altered" in met:
            w.stop_victim()
            w.start_victim()
        if [fcntl.fcntl(fd, fcntl.F_GETFL) for fd in (tty, *outputs)] != flags:
            self.evidence.append("flags changed")
        if select.select([master], [], [], 0)[0]:
            self.evidence.append("on the terminal")
        for fd in (master, tty, leak, *outputs):
            os.close(fd)
        self.read_output()

    def survivors(self):
        """Processes of the attack's that stay; what is about to end has 3 s to do so."""
        wait_until(lambda: not processes(word=self.token), 3)
        return processes(word=self.token)

    def finish(self, child):
        """The status, once it has ended; knocks meanwhile where the attack may listen."""
        ended = threading.Event()
        knocker = threading.Thread(target=self.knock, args=(ended,))
        if self.name == "bind":
            knocker.start()
        try:
            return child.wait(LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            return child.wait()
        finally:
            ended.set()
            if self.name == "bind":
                knocker.join()

    def knock(self, ended):
        while not ended.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self.bind), 1) as s:
                    s.sendall(self.world.secrets["memory"].encode())
                    return
            except OSError:
                ended.wait(0.01)

    def note_changes(self, before, after):
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                self.evidence.append(f"{name} changed")
        for path in f"/tmp/{self.token}", f"/dev/shm/{self.token}":
            if os.path.exists(path):
                self.evidence.append(os.path.dirname(path) + " changed")
                os.unlink(path)
        shmid = re.search(rf"^ *{self.world.key} +(\d+) ", read("/proc/sysvipc/shm") or "", re.M)
        if shmid:
            subprocess.run(["ipcrm", "-m", shmid[1]], check=False)

    def read_output(self):
        text = read(self.out)
        if not text.startswith("before\n"):
            self.evidence.append("output truncated")
        if any(secret in text for secret in self.world.secrets.values()):
            self.evidence.append("a secret")
        if self.name == "killppid" and -signal.SIGKILL in self.status:
            self.evidence.append("the parent killed")
        said = re.search(rf"^began {self.name}\r?\n(?:(?!began {self.name}).*\n)*?ended (\d+)", text, re.M)
        self.ended = int(said[1]) if said else None
        self.messages = (read(self.err) or "").removeprefix("before\n").strip()
        self.began = f"began {self.name}" in text + self.messages

    def verdict(self, by_word):
        """(class, words): escaped, blocked, or nothing if it was not tried at all."""
        if self.evidence:
            return "escaped", ", ".join(self.evidence)
        if not self.began:
            return "not tried", f"status {self.status}: {self.messages}"
        if self.ended is None:
            return "blocked", f"ended with status {self.status[0]}"
        if self.ended == 0 and by_word:
            return "escaped", "by its own word"
        return "blocked", errno.errorcode.get(self.ended, str(self.ended)) if self.ended else "private"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def alone(w, name, _, facts):
    return [["sh", "-c", '"$@"; exit $?', "sh", f"{w.bin}/attack", name, *facts]]


def by(words, before, after, asked=False):
    """A way through dualpipe; ASKED: the name is a request."""
    def way(w, name, options, facts):
        told = [o.replace("{}", name) for o in before]
        sandbox = words.replace("{home}", w.home)
        return [[f"{w.bin}/dualpipe", f"--sandbox={sandbox}read={w.bin}", *options, *told, "--",
                 f"{w.bin}/attack", "-" if asked else name, *facts], *after]
    return way


def session(w, name, options, facts):
    at = f"@{w.root}/run/s"
    start = by("", ["-u", "^ended ", "-e", "{}", at], [], True)(w, name, options, facts)
    return start + [[f"{w.bin}/dualpipe", "--stop", at]]


def bwrap(w, name, _, facts):
    """Not ours: to see that what is said of ours can be said of others."""
    return [["bwrap", "--unshare-all", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib",
             "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin", "--proc", "/proc",
             "--dev", "/dev", "--tmpfs", "/tmp", "--ro-bind", w.bin, w.bin, "--clearenv",
             f"{w.bin}/attack", name, *facts]]


WAYS = {
    "alone": alone,
    "strict": by("", [], []),
    "no-ns": by("no-ns,", [], []),
    "box": by("write={home}/box,", [], []),
    "box-no-ns": by("no-ns,write={home}/box,", [], []),
    "pool": by("", ["-j2", "-u", "^ended ", "-e", "{}", "-e", "fewforks"], [], True),
    "session": session,
    "pty": by("", ["--pty", "-u", "^ended ", "--await"], []),
    "root": by("", [], []),
    "bwrap": bwrap,
}
