# What of interactive mode needs no person: tests/scenes has the rest.

The options of the prompt are accepted and unused where stdin is no terminal; -i needs one.
  $ echo '6*7' | dualpipe --history=file --words=nosuch --escape=% --raw bc; echo '6*7' | dualpipe -i -a bc; ls
  42
  dualpipe: option -i: standard input is no terminal: leave it out to pipe requests in

What they say must make sense all the same.
  $ echo 1 | dualpipe --escape=xx bc; echo 1 | dualpipe --escape= bc
  dualpipe: option --escape: xx: a printable ASCII character is meant, or none
  dualpipe: option --escape: : a printable ASCII character is meant, or none
  [125]

#: needs script
At a terminal, options that have no effect at a prompt are refused; -e alone does not ask.
  $ for option in --json -k -w2 --progress -j2 --foreground --unordered --max-requests=3 --retries=1 --fresh; do
  >     script -qc "dualpipe -i -n 1 $option -b upper" /dev/null </dev/null | tr -d '\r'
  > done; script -qc "dualpipe -a bc -e 6*7" /dev/null </dev/null | tr -d '\r'
  dualpipe: option --json: it has no effect at a prompt: pipe requests in, or give them with -e
  dualpipe: option -k: it has no effect at a prompt: pipe requests in, or give them with -e
  dualpipe: option -w: it has no effect at a prompt: pipe requests in, or give them with -e
  dualpipe: option --progress: it has no effect at a prompt: pipe requests in, or give them with -e
  dualpipe: option -j: it has no effect at a prompt: pipe requests in, or give them with -e
  dualpipe: option --foreground: it has no effect at a prompt: pipe requests in, or give them with -e
  dualpipe: option --unordered: it has no effect at a prompt: pipe requests in, or give them with -e
  dualpipe: option --max-requests: it has no effect at a prompt: pipe requests in, or give them with -e
  dualpipe: option --retries: it has no effect at a prompt: pipe requests in, or give them with -e
  dualpipe: option --fresh: it has no effect at a prompt: pipe requests in, or give them with -e
  42

A terminal that is hung up is the end, also where SIGHUP is ignored; nothing spins.
  $ pty -w 'cat> ' -h -- env TERM=dumb sh -c 'ulimit -t 2; exec dualpipe --history=none cat' | tail -n 1
  > pty -w 'cat> ' -h -- env TERM=dumb sh -c 'trap "" HUP; ulimit -t 2; exec dualpipe --history=none cat' | tail -n 1
  > pty -w 'cat> ' -s 'half' -w half -h -- env TERM=dumb sh -c 'ulimit -t 2; exec dualpipe --history=none -l cat' | tail -n 1
  cat> [killed HUP]
  cat> [killed HUP]
  cat> half[killed HUP]
