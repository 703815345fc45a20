-- Takes points out of several buckets at once, or out of none.
-- KEYS: the buckets. ARGV: now in milliseconds, or -1 for the clock of Redis; the points; 1 where they are owed, and are
-- taken whatever there is; then for each bucket how many it holds, and how many flow in each millisecond.
-- Returns how many milliseconds to wait, 0 where the points were taken, and what each bucket has now.
local now = tonumber(ARGV[1])
if now < 0 then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end
local points, owed = tonumber(ARGV[2]), ARGV[3] == '1'
local levels, times, wait = {}, {}, 0
for i, key in ipairs(KEYS) do
  local most, rate = tonumber(ARGV[2 * i + 2]), tonumber(ARGV[2 * i + 3])
  local kept = redis.call('HMGET', key, 'points', 'at')
  local level, at = tonumber(kept[1] or most), tonumber(kept[2] or now)
  if now > at then
    level, at = math.min(most, level + (now - at) * rate), now
  end
  local need = math.min(points, most)
  if not owed and level < need then
    wait = math.max(wait, math.ceil((need - level) / rate))
  end
  levels[i], times[i] = level, at
end
local answer = {wait}
for i, key in ipairs(KEYS) do
  if wait == 0 then
    local most, rate = tonumber(ARGV[2 * i + 2]), tonumber(ARGV[2 * i + 3])
    levels[i] = math.min(most, levels[i] - points)
    redis.call('HSET', key, 'points', string.format('%.3f', levels[i]), 'at', string.format('%.0f', times[i]))
    redis.call('PEXPIRE', key, math.ceil((most - levels[i]) / rate) + 1000)
  end
  answer[i + 1] = math.floor(levels[i])
end
return answer
