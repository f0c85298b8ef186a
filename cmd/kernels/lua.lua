
-- The kernel of lua (5.1 to 5.4): evaluates whole requests in one lasting state, as lua -i does.
--
-- Run as: lua -e "$(cat lua.lua)"     (no single quote may stand in this file; its first line is
-- empty, as lua takes no text that starts with a dash)
--
-- Protocol. On stdin come requests: "SIZE TOKEN\n", SIZE bytes of text, one "\n". The text is
-- taken as an expression list, whose values are printed, else as a chunk. Then all output is
-- flushed and "TOKEN STATUS\n" is written: 0, or 1 after an error, which is told on stderr with
-- the lines of the request as "stdin:LINE:". The end of stdin ends the program with 0; os.exit
-- ends it as it says, without a token. A line that is no such header, as by a rule of the user's
-- own, is a request itself and gets no token.
--
-- What is easily got wrong:
-- - The request must not read requests. Lua cannot change descriptor 0: the handle of stdin is
--   kept here, io.stdin is /dev/null, and os.execute and io.popen give /dev/null to what they
--   start. A library that forks or reads descriptor 0 by itself is not covered.
-- - Lua does not let a request close its stdout, so tokens go by the same handle; io.output and
--   a redefined print or io.write do not change it.
-- - The request may redefine any function, even string.find: all that is used here is local.
-- - "return " is put before the first line, so line numbers stay.
-- - The stack ends with this text; the traceback is cut there. What the request itself asks of
--   "debug" shows it.
-- - There is no interrupt: lua sets its handler of SIGINT once for this text, and the first
--   SIGINT takes it away. At idle it ends the program.
local load, pcall, xpcall, type, tostring = loadstring or load, pcall, xpcall, type, tostring
local select, getmetatable, trace = select, debug.getmetatable, debug.traceback
local find, sub, match, tonumber, globals = string.find, string.sub, string.match, tonumber, _G
local io, execute, popen, null = io, os.execute, io.popen, io.open("/dev/null")
local stdin, stdout, stderr, output = io.stdin, io.stdout, io.stderr, io.output
local read, write, flush = stdin.read, stdin.write, stdin.flush

io.stdin = null
io.input(null)

function os.execute(command, ...)
    if type(command) == "string" then command = "exec </dev/null\n" .. command end
    return execute(command, ...)
end

function io.popen(command, mode, ...)
    if type(command) == "string" and (mode or "r") == "r" then
        command = "exec </dev/null\n" .. command
    end
    return popen(command, mode, ...)
end

local function tell(text)
    write(stderr, text, "\n")
end

-- What is told of an error: its text and the stack down to the request.
local function explain(why)
    if type(why) ~= "string" and type(why) ~= "number" then
        local meta = getmetatable(why)
        if type(meta) == "table" and meta.__tostring then return tostring(why) end
        why = "(error object is a " .. type(why) .. " value)"
    end
    local text = trace(why, 2)
    local below = find(text, "\n\t%[C%]: [^\n]*\n\t%(command line%)")
    return below and sub(text, 1, below - 1) or text
end

-- Prints the values that a chunk gave. Is false if that failed.
local function show(good, ...)
    if not good then
        tell(tostring((...)))
        return false
    end
    if select("#", ...) == 0 then return true end
    local printed, why = pcall(globals.print, ...)
    if not printed then tell("error calling print (" .. tostring(why) .. ")") end
    return printed
end

local function evaluate(text)
    local chunk, why = load("return " .. text, "=stdin")
    if not chunk then chunk, why = load(text, "=stdin") end
    if not chunk then
        tell(why)
        return false
    end
    return show(xpcall(chunk, explain))
end

-- The output that the request has set; its own stdout is flushed with the token.
local function flush_output()
    local set = output()
    if set ~= stdout then flush(set) end
end

while true do
    local header = read(stdin, "*l")
    if not header then break end
    local size, token = match(header, "^(%d+) (dp%w+)$")
    local text = size and read(stdin, tonumber(size)) or header
    if size and not read(stdin, 1) then break end
    if size == "0" then text = "" end
    local status = evaluate(text) and " 0\n" or " 1\n"
    pcall(flush_output)
    if token then write(stdout, token, status) end
    flush(stdout)
end
