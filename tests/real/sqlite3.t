# sqlite3(1): no mark ends a result; .print makes one. Errors go to stderr only.

A result of any number of rows ends with the line that .print writes, which is part of the reply.
  $ dualpipe -e 'select 1+1;' -n 0 -e "create table t(a,b); insert into t values(1,'x'),(2,'y');" \
  >     -u '^<END>$' -e 'select * from t;
  > .print <END>' -e 'select * from t where a>9;
  > .print <END>' -e 'bogus;
  > .print <END>' -n 0 -e .quit -- sqlite3 -batch 2>err; echo "status $?"; grep -o 'syntax error' err
  2
  1|x
  2|y
  <END>
  <END>
  <END>
  status 1
  syntax error

A reply of 2,200,001 bytes in one line is whole.
  $ dualpipe -t 20 -e 'select hex(zeroblob(1100000));' --quit=.quit -- sqlite3 -batch >out; echo "status $?"
  > wc -c <out; tail -c 3 out; head -c 2200000 /dev/zero | tr '\0' 0 >want; echo >>want; cmp out want
  status 0
  2200001
  00

A pattern of two lines holds at the end that two lines make together.
  $ dualpipe -u '^-- *\n<END>$' -e "select '<END>'; select '--';
  > .print <END>" -n 1 -e 'select 3;' -- sqlite3 -batch
  <END>
  --
  <END>
  3

Set-up texts go to the child first, and what they print is dropped.
  $ dualpipe --setup='create table t(a); insert into t values(7); select a from t;' -e 'select a*6 from t;' -- sqlite3 -batch
  42
