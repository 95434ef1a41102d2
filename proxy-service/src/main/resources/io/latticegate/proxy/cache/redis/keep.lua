-- KEYS: entries by the time of their end, their sizes, the sum of the sizes, the entry
-- ARGV: time to live in ms, most entries, most bytes, time to live of the books in ms, the value
-- Makes room by forgetting what ends first. Needs one Redis primary: the entries that it forgets are not among its KEYS.
local index, sizes, used, entry = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local ttl, entriesMax, bytesMax, value = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[5]

local function forget(name)
    redis.call('DEL', name)
    redis.call('ZREM', index, name)
    local size = redis.call('HGET', sizes, name)
    if size then
        redis.call('HDEL', sizes, name)
        redis.call('DECRBY', used, size)
    end
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
for _, ended in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, 256)) do
    forget(ended)
end
forget(entry)
while redis.call('ZCARD', index) > 0
        and (redis.call('ZCARD', index) >= entriesMax
            or tonumber(redis.call('GET', used) or '0') + #value > bytesMax) do
    forget(redis.call('ZRANGE', index, 0, 0)[1])
end
if redis.call('ZCARD', index) == 0 then
    redis.call('DEL', sizes, used)
end
redis.call('SET', entry, value, 'PX', ttl)
redis.call('ZADD', index, now + ttl, entry)
redis.call('HSET', sizes, entry, #value)
redis.call('INCRBY', used, #value)
for _, book in ipairs({ index, sizes, used }) do
    redis.call('PEXPIRE', book, ARGV[4])
end
return redis.call('ZCARD', index)
