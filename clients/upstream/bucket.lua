-- A token bucket whose last tokens some lanes leave to others; bucket.go is the same without Redis.
-- KEYS[1]: the bucket. ARGV: tokens a second, the most it holds, how many must be left.
-- Answers: 1 where a token was taken, the tokens left, the seconds until there is one.
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local rate, burst, floor = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'left', 'at')
local left, at = tonumber(kept[1]) or burst, tonumber(kept[2]) or now
left = math.min(burst, left + math.max(0, now - at) * rate)
if left - 1 < floor then
  return {0, string.format('%.6f', left), string.format('%.6f', (floor + 1 - left) / rate)}
end
left = left - 1
redis.call('HSET', KEYS[1], 'left', string.format('%.6f', left), 'at', string.format('%.6f', math.max(now, at)))
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
return {1, string.format('%.6f', left), '0'}
