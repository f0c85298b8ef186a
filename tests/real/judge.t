# A judge of programs that are not trusted: each runs in a sandbox of its own, and what it does is
# told in a word. The programs are to print 42; verdicts tells what --json says of them.
#: all needs sandbox
#: all long

#: needs jq
#: needs /usr/bin/python3
#: limit 120
Programs in Python: right, wrong, endless, asleep, greedy, loud, failing, aborting, and no Python.
  $ printf '%s\0' 'print(6 * 7)' 'print(43)' 'while True: pass' 'import time
  > time.sleep(99)' 'a = []
  > while True: a.append(bytearray(1 << 20))' 'while True: print("4" * 999)' 'raise SystemExit(3)' 'import os
  > os.abort()' 'print(42' 'import subprocess
  > print(subprocess.run(["expr", "6", "*", "7"], capture_output=True, text=True).stdout, end="")' >in
  > dualpipe -kq --sandbox --limit=memory=128M,output=1M --fresh -j2 -t 8 --io=nul --json -- /usr/bin/python3 - <in 2>err |
  >     verdicts 42; tail -n 1 err
  1 ok
  2 wrong
  3 time
  4 time
  5 memory
  6 output
  7 crashed
  8 crashed
  9 crashed
  10 ok
  dualpipe: requests: in 10, answered 3, failed 7

#: needs jq
#: needs /usr/bin/python3
#: needs user
#: limit 120
The same by an ordinary user, whose limit of memory is each process's.
  $ printf '%s\0' 'print(6 * 7)' 'a = []
  > while True: a.append(bytearray(1 << 20))' 'while True: print("4" * 999)' 'while True: pass' 'print(42)' >in
  > dualpipe -kq --sandbox --limit=memory=128M,output=1M,cpu=1 --fresh -j2 -t 30 --io=nul --json -- /usr/bin/python3 - <in 2>err |
  >     verdicts 42; tail -n 1 err
  1 ok
  2 memory
  3 output
  4 time
  5 ok
  dualpipe: requests: in 5, answered 2, failed 3

#: needs jq
#: needs /usr/bin/python3
#: limit 120
Hostile ones reach nothing, and the next does not see what they have left behind.
  $ echo secret >secret; printf '%s\0' "print(open('$PWD/secret').read())" 'print(open("/etc/passwd").read())' 'import socket
  > socket.create_connection(("127.0.0.1", 22))' "open('$PWD/left', 'w')" 'import os
  > while True:
  >     try: os.fork()
  >     except OSError: pass' 'import os, signal
  > os.kill(os.getppid(), signal.SIGKILL)' 'import os
  > os.kill(-1, 9)' 'import os
  > open("/tmp/left", "w")
  > if os.fork() == 0:
  >     os.setsid()
  >     while True: pass
  > print(42)' 'import os
  > print(42 if os.listdir("/tmp") == [] and len([p for p in os.listdir("/proc") if p.isdigit()]) < 4 else 43)' 'import os
  > print(os.environ.get("SECRET", 42))' >in
  > SECRET=1 dualpipe -kq --sandbox --limit=cpu=2 --fresh -j2 -t 10 --io=nul --json -- /usr/bin/python3 - <in 2>err | verdicts 42
  > tail -n 1 err; ls
  1 crashed
  2 crashed
  3 crashed
  4 crashed
  5 time
  6 crashed
  7 crashed
  8 ok
  9 ok
  10 ok
  dualpipe: requests: in 10, answered 3, failed 7
  err
  in
  secret

#: needs jq
#: needs cc
#: limit 120
#: long
Programs in C, compiled inside: right, wrong, a wild pointer, endless, a bomb, no C.
  $ printf '%s\0' '#include <stdio.h>
  > int main(void) { printf("%d\n", 6 * 7); }' '#include <stdio.h>
  > int main(void) { puts("43"); }' 'int main(void) { return *(volatile int *)0; }' 'int main(void) { for (;;) {} }' '#include <unistd.h>
  > int main(void) { for (;;) fork(); }' 'no C' '#include <stdlib.h>
  > #include <string.h>
  > int main(void) { char *p; while ((p = malloc(1 << 20))) memset(p, 1, 1 << 20); return 1; }' '#include <sys/socket.h>
  > int main(void) { return socket(AF_INET, SOCK_STREAM, 0) < 0; }' >in
  > dualpipe -kq --sandbox --limit=memory=256M,cpu=2 --fresh -j2 -t 10 --io=nul --json -- sh -c 'cc -x c -o /tmp/program - && exec /tmp/program' <in 2>err |
  >     verdicts 42; tail -n 1 err
  1 ok
  2 wrong
  3 crashed
  4 time
  5 time
  6 crashed
  7 memory
  8 crashed
  dualpipe: requests: in 8, answered 2, failed 6

#: needs jq
#: needs node
#: limit 120
Programs for Node: right, wrong, endless, an exception, a file that it may not read, loud.
  $ printf '%s\0' 'console.log(6 * 7)' 'console.log(43)' 'for (;;);' 'throw new Error("x")' 'require("fs").readFileSync("/etc/passwd")' 'for (;;) require("fs").writeSync(1, "4".repeat(9999))' 'setTimeout(() => console.log(42), 10)' >in
  > dualpipe -kq --sandbox --limit=output=1M,cpu=2 --fresh -j2 -t 10 --io=nul --json -- node - <in 2>err | verdicts 42; tail -n 1 err
  1 ok
  2 wrong
  3 time
  4 crashed
  5 crashed
  6 output
  7 ok
  dualpipe: requests: in 7, answered 3, failed 4

#: needs jq
#: limit 120
Programs in shell: right, wrong, endless, loud, killed by itself, a bomb, one that stays behind.
  $ printf '%s\0' 'echo $((6 * 7))' 'echo 43' 'while :; do :; done' 'yes' 'kill -9 $$' 'b() { b | b & }; b; wait' '(setsid sleep 99 >&- 2>&- &); echo 42' 'echo 42; exit 1' 'rm -rf /usr/bin /etc /tmp/* ~ 2>&-; echo 42' >in
  > dualpipe -kq --sandbox --limit=output=1M,cpu=2 --fresh -j2 -t 10 --io=nul --json -- sh -s <in 2>err >all; verdicts 42 <all | sed '6s/ .*/ any/'
  > tail -n 1 err | sed 's,\, answered.*,,'
  1 ok
  2 wrong
  3 time
  4 output
  5 crashed
  6 any
  7 ok
  8 crashed
  9 ok
  dualpipe: requests: in 9

#: needs jq
#: needs /usr/bin/python3
#: limit 120
#: long
One judge for a hundred: each has its own verdict, in order.
  $ i=0; while [ $((i += 1)) -le 100 ]; do printf 'print(%d)\0' $((i % 4 ? 42 : i)); done |
  >     dualpipe --sandbox --fresh -j4 -t 20 --io=nul --json -- /usr/bin/python3 - | verdicts 42 >all; cut -d ' ' -f 2 all | sort | uniq -c | tr -s ' '; sort -nc all
   75 ok
   25 wrong
