-- Asks what stands in the file of the first argument, line after line and then again:
-- method, path, headers (name=value, with \1 between), body; with \t between.
local requests, next_one = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local method, path, fields, body = line:match("^(.-)\t(.-)\t(.-)\t(.*)$")
    local headers = {}
    for name, value in fields:gmatch("([^=\1]+)=([^\1]*)") do headers[name] = value end
    requests[#requests + 1] = wrk.format(method, path, headers, body)
  end
end

function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "bytes": %d, "errors": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
