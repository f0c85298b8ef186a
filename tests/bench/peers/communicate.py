# All input, held in memory, through subprocess and its communicate().
# python3 communicate.py COMMAND...
import subprocess
import sys

result = subprocess.run(sys.argv[1:], input=sys.stdin.buffer.read(), stdout=subprocess.PIPE)
sys.stdout.buffer.write(result.stdout)
sys.exit(result.returncode)
