# python3: over pipes values on stdout, prompts and tracebacks on stderr; on a terminal all in one.

python3 -i answers lines, an error by nothing but a traceback, a block with an empty line at its end, and 2.5 MB.
#: limit 60
  $ dualpipe -t 30 --stderr=err -e 'print(1)' -e 2+2 -e "import sys; print('x'*2500000)" --fence='print("{}")' -e 1/0 \
  >     -n 2 -e 'for i in range(2):
  >   print(i)
  > ' -n 1 -e "import time; time.sleep(1.5); print('slept')" -- /usr/bin/python3 -i -q >out
  > echo "status $?"; awk 'length > 9 { $0 = length " bytes" } 1' out; cat err
  status 0
  1
  4
  2500000 bytes
  0
  1
  slept
  >>> >>> >>> >>> Traceback (most recent call last): (esc)
    File "<stdin>", line 1, in <module>
  ZeroDivisionError: division by zero
  >>> >>> ... ... >>> >>>\x20 (esc)

The 2.5 MB came through unchanged.
#: limit 60
  $ dualpipe --stderr=null -t 30 -e "print('x'*2500000)" -- /usr/bin/python3 -i -q >out
  > head -c 2500000 /dev/zero | tr '\0' x >want; echo >>want; cmp out want && wc -c <out
  2500001

With stderr in one stream with stdout the prompt ends a reply, an error's too, and 2.5 MB.
#: limit 60
  $ dualpipe -t 30 --stderr=stdout -p '^(>>>|\.\.\.) $' -e x=6 -e 'x*7' -e 'def f(n):' -e '    return n + x' -e '' -e 'f(1)' \
  >     -e 1/0 -e "print('x'*2500000)" --quit='exit()' -- /usr/bin/python3 -i -q | awk 'length > 99 { $0 = length " bytes" } 1'
  42
  7
  Traceback (most recent call last):
    File "<stdin>", line 1, in <module>
  ZeroDivisionError: division by zero
  2500000 bytes

On a pipe python3 without -i waits for the whole program; on a terminal it prompts and answers.
  $ dualpipe -t 10 --pty -p '^(>>>|\.\.\.) $' -e 6*7 -e 'for i in range(2):' -e '  print(i)' -e '' -e 1/0 -e 'import sys; sys.stdin.isatty()' \
  >     --quit='exit(3)' -- /usr/bin/python3 -q; echo "status $?"
  42
  0
  1
  Traceback (most recent call last):
    File "<stdin>", line 1, in <module>
  ZeroDivisionError: division by zero
  True
  status 3

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
