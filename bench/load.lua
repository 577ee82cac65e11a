-- Requests of scripts/bench: a path with a chat chosen at random, as a logged-in person.
local arguments = {}

function init(list)
  arguments = list
  math.randomseed(tonumber(tostring(list):match("0x(%x+)"), 16) % 2147483647)
  wrk.headers["Cookie"] = list[2]
end

function request()
  local chat = math.random(1, 1000)
  local path = arguments[1]:gsub("CHAT", chat)
  if arguments[3] == "send" then
    -- Other chats than those that are read: these keep their 20 messages.
    chat = chat + 1000
    wrk.headers["Content-Type"] = "application/json"
    return wrk.format("POST", path, nil, string.format(
      '{"chat_id":"%d","sender_type":"user","sender_id":"1","message":"hello %d"}', chat, math.random(1e9)))
  end
  return wrk.format("GET", path)
end
