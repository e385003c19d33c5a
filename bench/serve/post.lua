-- post.lua: the request of wrk: the same POST again and again.
--   wrk -s post.lua URL -- BODY TYPE [HEADER VALUE]
function init(args)
  local file = assert(io.open(args[1], "rb"))
  wrk.method = "POST"
  wrk.body = file:read("*a")
  wrk.headers["Content-Type"] = args[2]
  if args[3] then wrk.headers[args[3]] = args[4] end
  file:close()
end
