# Calculators and solvers: a fence where errors go to stderr only, or replies do.

dc: numbers, a macro, an error that says nothing on stdout, a result of two lines.
  $ dualpipe -t 5 --stderr=relay --fence='[{}]nAP' -e '2 3 + p' -e '[d * p]sx' -e '12 lxx' -e c -e '6 0 /' -e '2 300 ^ p' -e '20 k 2 v p' dc
  5
  144
  dc: divide by zero
  203703597633448608626844568840937816105146839366593625063614044935438\
  1299763336706183397376
  1.41421356237309504880

By lines it needs to be told what prints.
  $ dualpipe -n 0 -e '[d * p]sx' -n 1 -e '12 lxx' -n 0 -e c -n 1 -e '20 k 2 v p' dc
  144
  1.41421356237309504880

units: two lines make a request; terse, over a pipe, and on a terminal in two lines.
#: needs units
  $ dualpipe -t 5 -e '2 inch
  > cm' -e '1 mile
  > km' -e nosuch -- units -q -t; dualpipe -t 5 --unbuffer -n 2 -e '2 inch
  > cm' -- units -q
  5.08
  1.609344
  Unknown unit 'nosuch'
  \t* 5.08 (esc)
  \t/ 0.19685039 (esc)

z3 answers some commands and not others: a fence needs no list of them; its warnings go to stderr.
#: needs z3
#: limit 60
  $ dualpipe -t 20 --stderr=relay --fence='(echo "{}")' -e '(declare-const x Int)' -e '(assert (> x 3))' -e '(check-sat)' \
  >     -e '(get-model)' -e '(bogus)' -e '(get-value (x))' -e '(get-value (y))' -e '(push)
  > (assert (< x 3))
  > (check-sat)
  > (pop)
  > (check-sat)' --quit='(exit)' -- z3 -in 2>err; echo "status $?"; cat err
  sat
  (
    (define-fun x () Int
      4)
  )
  unsupported
  ((x 4))
  \(error "line [0-9]+ column [0-9]+: unknown constant y"\) (re)
  unsat
  sat
  status 1
  ; bogus line: [0-9]+ position: [0-9]+ (re)

Told to acknowledge, it answers everything with a line; eight may be under way.
#: needs z3
#: limit 60
  $ { echo '(declare-const x Int)'; seq 50 | sed 's/.*/(assert (> x &))/'; echo '(check-sat)'; echo '(eval x)'; } |
  >     dualpipe -t 20 -w 8 --setup='(set-option :print-success true)' -l -- z3 -in | uniq -c | tr -s ' '; echo "status $?"
   51 success
   1 sat
   1 51
  status 0

gp: errors on stderr only; a matrix is of any number of lines.
#: needs gp
#: limit 60
  $ dualpipe -t 20 --stderr=relay --fence='print("{}")' -e 1+1 -e 'x=5;' -e 'factor(100)' -e 1/0 -e 2^100 \
  >     -e '#digits(2^20000)' --quit='\q' -- gp -q -f --default colors=no; echo "status $?"
  2
  
  [2 2]
  
  [5 2]
  
    ***   at top-level: 1/0
    ***                  ^--
    *** _/_: impossible inverse in gdiv: 0.
  1267650600228229401496703205376
  6021
  status 0

gnuplot prints on stderr: with --stderr=stdout its replies are replies. A command that failed makes its status 1.
#: needs gnuplot
#: limit 60
  $ dualpipe -t 20 --stderr=stdout --fence='print "{}"' -e 'print 1+1' -e x=5 -e 'print x*x' -e 'foo bar' -e 'print 6*7' --quit=exit -- gnuplot
  > echo "status $?"
  2
  25
  
  gnuplot> foo bar
           ^
           line 0: invalid command
  
  42
  status 1

tclsh prints what it is told to, errors on stderr, a line without an end, and 3 MB.
#: needs tclsh
#: limit 60
  $ dualpipe -t 20 --stderr=relay --fence='puts "{}"' -e 'set x 5' -e 'puts [expr $x*$x]' -e foo -e 'puts -nonewline abc' -e 'puts def' \
  >     -e 'puts [string repeat x 3000000]' --quit='exit 3' -- tclsh >out 2>err; echo "status $?"; cat err; wc -c <out; tr -s x <out
  status 3
  invalid command name "foo"
  3000012
  25
  abc
  def
  x
