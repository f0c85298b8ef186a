# imap.py WORKERS CHUNK COMMAND...: each line of stdin asked of a worker's own child, in order.
import multiprocessing
import subprocess
import sys


def start(command):
    global child
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def ask(line):
    child.stdin.write(line)
    child.stdin.flush()
    return child.stdout.readline()


if __name__ == "__main__":
    workers, chunk = int(sys.argv[1]), int(sys.argv[2])
    with multiprocessing.Pool(workers, start, (sys.argv[3:],)) as pool:
        for reply in pool.imap(ask, sys.stdin.buffer, chunk):
            sys.stdout.buffer.write(reply)
