# Spelling: a banner, replies that an empty line ends, a mode in which a good line says nothing else.

aspell: -p cuts the empty line off; terse mode is set by a line that draws no reply.
#: needs aspell
  $ dualpipe -t 5 --ready='^@' -p '^\n' -e hello -e helllo -e 'good wrld' -e '^!test' -n 0 -e '!' -p '^\n' -e 'helllo fine' -e xyzzyq \
  >     -e fine -e fine -- aspell -a -d en_US; echo "status $?"
  *
  & helllo [0-9]+ 0: hello, .* (re)
  *
  & wrld [0-9]+ 5: .* (re)
  *
  & helllo [0-9]+ 0: hello, .* (re)
  [#&] xyzzyq .* (re)
  status 0

Its banner awaited as a reply.
#: needs aspell
  $ dualpipe -t 5 --await -u '^$' -e hello -- aspell -a -d en_US
  @\(#\) International Ispell Version [0-9.]+ \(but really Aspell [0-9.]+\) (re)
  *
   (esc)

hunspell answers an empty line too.
#: needs hunspell
  $ dualpipe -t 5 --ready='^@' -u '^$' -e hello -e helllo -e 'good wrld' -e '' -n 0 -e '!' -u '^$' -e hello -e helllo \
  >     -- hunspell -a -d en_US; echo "status $?"
  *
  
  & helllo 5 0: hello, hell lo, hell-lo, hellhole, hell
  
  *
  & wrld 4 5: weld, world, wild, wold
  
  
  
  & helllo 5 0: hello, hell lo, hell-lo, hellhole, hell
  
  status 0

Words of a file, four spellers, in the order of the words.
#: needs hunspell
#: limit 60
  $ for i in 1 2 3 4 5; do echo hello; echo helllo; done | dualpipe -t 20 -j 4 -w 2 --ready='^@' -u '^$' -l -- hunspell -a -d en_US | cut -c1 | tr -d '\n'
  *&*&*&*&*& (no-eol)
