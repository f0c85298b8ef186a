# Each line of stdin asked of the command through subprocess, in lockstep.
# python3 lines.py COMMAND...
import subprocess
import sys

child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=-1)
write, flush, readline = child.stdin.write, child.stdin.flush, child.stdout.readline
out = sys.stdout.buffer.write
for line in sys.stdin.buffer:
    write(line)
    flush()
    out(readline())
child.stdin.close()
sys.exit(child.wait())
