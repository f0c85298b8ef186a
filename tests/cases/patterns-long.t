A line of 60,000 digits is held against a pattern that may begin at each of them.
  $ dualpipe -t 1 --deadline $((20 * SLOW)) -u '[0-9]+ rows' -e x -- sh -c 'read -r a; head -c 60000 /dev/zero | tr "\0" 7; echo; cat' 2>err | wc -c; grep -o 'no whole reply in 1s' err
  60001
  no whole reply in 1s

And --deadline ends such a run.
  $ dualpipe --deadline 1 -u '[0-9]+ rows' -e x -- sh -c 'read -r a; head -c 60000 /dev/zero | tr "\0" 7; echo; cat' >out 2>err; echo $?; grep -o 'deadline: sh: 1s have passed' err
  124
  deadline: sh: 1s have passed

A pattern whose states are too many for a table is matched all the same.
  $ dualpipe -u '(a|b)*a(a|b){20}Z' -e x -- sh -c 'read -r a; echo abbbbbbbbbbbbbbbbbbbbZ; cat'
  abbbbbbbbbbbbbbbbbbbbZ

One with far too many is refused.
  $ dualpipe -u 'a.{200}b' -e x touch started; echo $?; ls
  dualpipe: pattern: a.{200}b: at byte 1: it has too many states: make its { } smaller
  125

Word boundaries of GNU are refused, and within brackets such a backslash is plain.
  $ for p in 'x\>' '\<x'; do dualpipe -u "$p" -e x true; done; echo '<' | dualpipe -u '[\<]' cat
  dualpipe: pattern: x\\>: at byte 2: there is no word boundary: a plain < or > is written alone
  dualpipe: pattern: \\<x: at byte 1: there is no word boundary: a plain < or > is written alone
  <

#: long
#: limit 240
Lines of 60 MiB are judged under each rule, whatever they are made of.
  $ cat >answer <<'END'
  > read -r a; head -c 60M /dev/zero | tr '\0' "$1"; echo " 5 rows"; echo end12; cat
  > END
  > for c in A ' ' 7; do
  >     for o in "-u [0-9]+.rows" "-u (a|b)*a(a|b){20}Z -u ^end" "--id (5).rows" "--length ^[^;]*(5).rows" "--async [0-9]+.rows -n 1"; do
  >         dualpipe -t $((60 * SLOW)) $o -e '5 rows' -- sh answer "$c" 2>/dev/null | wc -c
  >     done
  > done | sort -n | uniq -c
        3 6
        6 62914568
        6 62914574

#: long
#: limit 240
A signal ends a run that gets such lines without an end.
  $ cat >answer <<'END'
  > read -r a; while :; do head -c 60M /dev/zero | tr '\0' "$1"; echo; : >went-on; done
  > END
  > for c in A ' ' 7; do
  >     for o in "-u [0-9]+.rows" "-u (a|b)*a(a|b){20}Z" "--async [0-9]+.rows -n 1"; do
  >         rm -f went-on
  >         dualpipe --max-message 1G $o -e x -- sh answer "$c" >/dev/null 2>err & pid=$!
  >         until [ -e went-on ]; do sleep 0.1; done
  >         kill $pid; wait $pid; echo $?
  >     done
  > done 2>shell | sort | uniq -c
        9 143

#: long
#: limit 240
A prompt or a first reply that such a line keeps away is waited for until --deadline.
  $ for o in "-p [0-9]+>." "-p [0-9]*(a|b)*a(a|b){20}Z" "--ready=[0-9]+.rows -n 1"; do
  >     dualpipe --deadline 3 $o -e x -- sh -c 'head -c 60M /dev/zero | tr "\0" 7; echo; cat' >/dev/null 2>err; echo $?
  > done
  124
  124
  124

#: long
#: limit 240
Requests of 60 MiB are held against --no-reply, with -j and in a session too.
  $ { head -c 60M /dev/zero | tr '\0' 7; echo ' rows'; echo ask; } >requests
  > for o in '' '-j 2' '@many'; do dualpipe -t $((60 * SLOW)) --no-reply '[0-9]+.rows' $o -- awk '/ask/ { print length($0); fflush() }' <requests; done
  > dualpipe --stop @many
  3
  3
  3
