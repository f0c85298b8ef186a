# python3 -i: values on stdout, prompts and tracebacks on stderr.

python3 is asked for lines, a block with an empty line at its end, and 2.5 MB.
#: limit 60
  $ dualpipe --stderr=err -e 'print(1)' -e 2+2 -e "import sys; print('x'*2500000)" -u '^<END>$' -e "1/0
  > print('<END>')" -n 2 -e 'for i in range(2):
  >   print(i)
  > ' -n 1 -e "import time; time.sleep(1.5); print('slept')" -- /usr/bin/python3 -i -q >out
  > echo "status $?"; awk 'length > 9 { $0 = length " bytes" } 1' out; grep -c ZeroDivisionError err
  status 0
  1
  4
  2500000 bytes
  <END>
  0
  1
  slept
  1

The 2.5 MB came through unchanged.
#: limit 60
  $ dualpipe --stderr=null -t 30 -e "print('x'*2500000)" -- /usr/bin/python3 -i -q >out
  > head -c 2500000 /dev/zero | tr '\0' x >want; echo >>want; cmp out want && wc -c <out
  2500001

A reply that takes longer than its limit ends with 124, within the limit.
  $ dualpipe --stderr=null --status-fd=3 -t 0.3 -e 'import time; time.sleep(20)' -- /usr/bin/python3 -i -q 3>status 2>err
  > echo "status $?"; grep -o 'no whole reply in 0.3s' err; grep -o '"outcome":"[a-z]*"' status
  status 124
  no whole reply in 0.3s
  "outcome":"timeout"

Its status is that of the program that it runs.
  $ dualpipe --stderr=null -e 'print(6*7)' -n 0 -e 'import sys; sys.exit(9)' -- /usr/bin/python3 -i -q; echo "status $?"
  42
  status 9
