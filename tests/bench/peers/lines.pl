# Each line of stdin asked of the command through IPC::Open2, in lockstep.
# perl lines.pl COMMAND...
use strict;
use warnings;
use IPC::Open2;

my $pid = open2(my $from, my $to, @ARGV);
while (my $line = <STDIN>) {
    print $to $line;
    print STDOUT scalar <$from>;
}
close $to;
waitpid $pid, 0;
exit $? >> 8;
