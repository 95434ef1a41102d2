-- Compares the epoch, or sets it. KEYS 1 epoch; ARGV 1 value, 2 'get' or 'set'.
-- Reply {1 if it has this value, else 0; this server's clock (ms)}
if ARGV[2] == 'set' then
    redis.call('SET', KEYS[1], ARGV[1])
end
local time = redis.call('TIME')
return {
    redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0,
    tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
}
