# sqlite3(1): no mark ends a result; .print makes one. Errors go to stderr only.

A fence of .print ends a result of any number of rows, of none, and an error; 2,200,001 bytes are one line.
#: limit 60
  $ dualpipe -t 20 --stderr=relay -e 'select 1+1;' -n 0 -e "create table t(a,b); insert into t values(1,'x'),(2,'y');" \
  >     --fence='.print {}' -e 'select * from t;' -e 'select * from t where a>9;' -e 'bogus;' \
  >     -n 1 -e 'select hex(zeroblob(1100000));' -n 0 -e .quit -- sqlite3 -batch >out 2>err; echo "status $?"
  > head -n 3 out; tail -n +4 out | tr -d 0 | od -c; wc -c <out; cat err
  status 1
  2
  1|x
  2|y
  0000000  \n
  0000001
  2200011
  Parse error near line [0-9]: near "bogus": syntax error (re)
    bogus;
    ^--- error here

The mark may also be part of the reply.
  $ dualpipe -u '^<END>$' -e "select 1; select 2;
  > .print <END>" -n 1 -e 'select 3;' -- sqlite3 -batch
  1
  2
  <END>
  3

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

A thousand inserts that print nothing and a count, through a fence.
  $ { echo 'create table t(a);'; seq 1000 | sed 's/.*/insert into t values(&);/'; echo 'select count(*), sum(a) from t;'; } |
  >     dualpipe -t 20 --fence='.print {}' -w 8 -l -- sqlite3 -batch :memory:
  1000|500500

Interactive, over pipes, it echoes and prompts without a line end; the prompt changes within a statement.
  $ dualpipe -t 10 --stderr=relay -p '^(sqlite>|   \.\.\.>) $' -e 'select 1+1;' -e select -e '3;' -e 'bogus;' --quit=.quit -- sqlite3 -interactive 2>err
  > echo "status $?"; cat err
  select 1+1;
  2
  select
  3;
  3
  bogus;
  status 1
  Parse error: near "bogus": syntax error
    bogus;
    ^--- error here
