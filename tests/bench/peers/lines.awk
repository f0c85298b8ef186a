# Each line of stdin asked of the command in CMD through gawk's |&, in lockstep.
# gawk -v cmd='COMMAND' -f lines.awk
{ print |& cmd; cmd |& getline reply; print reply }
