# ed(1): requests of several lines, errors as "?" on stdout, a status of its own.

ed edits a file; a command that failed makes its status 1.
  $ printf 'alpha\nbeta\ngamma\n' >f.txt
  > dualpipe -e 1p -n 3 -e ,n -n 1 -e '2s/beta/BETA/p' -e foo -e h -n 0 -e 'a
  > delta
  > .' -n 1 -e '$=' -n 0 -e w -e q -- ed -s f.txt
  > echo "status $?"; cat f.txt
  alpha
  1\talpha (esc)
  2\tbeta (esc)
  3\tgamma (esc)
  BETA
  ?
  Unexpected command suffix
  4
  status 1
  alpha
  BETA
  delta
  gamma

The same with q as the quit text.
  $ printf 'alpha\n' >f.txt; dualpipe -e 1p --quit=q -- ed -s f.txt; echo "status $?"
  alpha
  status 0

A file of several commands is one request, sent as it is; wq ends ed in time.
  $ printf '1\n2\n3\n' >f.txt; printf 'g/[13]/d\n,p\nwq\n' >script
  > dualpipe -n 1 -f script -- ed -s f.txt; echo "status $?"; cat f.txt
  2
  status 0
  2
