-- Requests of scripts/bench: a path with a chat chosen at random, as a logged-in person.
-- Arguments: path, cookie, `get`, `send` for posts of unique messages or `unchanged` for a client that
-- has the answer already, and that answer's ETag.
local path, kind

function init(arguments)
  math.randomseed(tonumber(tostring(arguments):match("0x(%x+)"), 16) % 2147483647)
  path, kind = arguments[1], arguments[3]
  wrk.headers["Cookie"] = arguments[2]
  if kind == "unchanged" then wrk.headers["If-None-Match"] = arguments[4] end
  if kind == "send" then wrk.headers["Content-Type"] = "application/json" end
end

function request()
  local chat = math.random(1, 1000)
  if kind == "send" then
    -- Other chats than those that are read: these keep their 20 messages.
    return wrk.format("POST", path, nil, string.format(
      '{"chat_id":"%d","sender_type":"user","sender_id":"1","message":"hello %d"}',
      chat + 1000, math.random(1e9)))
  end
  return wrk.format("GET", (path:gsub("CHAT", chat)))
end

-- One line for bench.py: requests, seconds, 99th percentile in milliseconds, answers above 399,
-- other errors.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %.6f %.3f %d %d\n", summary.requests, summary.duration / 1e6,
    latency:percentile(99) / 1e3, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
