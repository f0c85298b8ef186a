# Images: PPM frames through ImageMagick, several at a time, give what one after another gives.

In order, each in a process of its own; the stream of all replies is a stream of images.
#: needs convert
  $ for i in $(seq 12); do convert -size 160x100 gradient:red-blue -swirl "${i}0" "$i.ppm"; done
  > set --; for i in $(seq 12); do set -- "$@" -f "$i.ppm"; done
  > dualpipe --fresh -j 4 --frame=raw "$@" -- convert ppm:- -negate ppm:- >all
  > for i in $(seq 12); do convert "$i.ppm" -negate ppm:-; done | cmp - all && echo same
  same

As messages behind their lengths, from and to a stream, one of them no image.
#: needs convert
  $ for i in 1 2 3; do convert -size "${i}0x10" gradient:red-blue "$i.ppm"; done
  > echo 'no image' >4.ppm
  > dualpipe --fresh --frame=raw --io=u32 -f 1.ppm -f 2.ppm -f 3.ppm -- cat >in
  > dualpipe --fresh -j 2 --frame=raw --io=u32 -- convert ppm:- -negate ppm:- <in >out
  > for i in 1 2 3; do convert "$i.ppm" -negate ppm:-; done >want
  > dualpipe --io=u32 --frame=u32 -l -- cat <out | cmp - out
  > dualpipe --io=u32 --frame=raw --fresh -- sh -c 'cat >>got' <out >none; cmp got want
  > dualpipe -k --fresh -j 2 --frame=raw -f 1.ppm -f 4.ppm -f 3.ppm -- convert ppm:- -negate ppm:- 2>err >some
  > for i in 1 3; do convert "$i.ppm" -negate ppm:-; done | cmp - some
  > grep -o 'convert: ended with status 1' err; tail -n 1 err
  convert: ended with status 1
  dualpipe: requests: in 3, answered 2, failed 1
