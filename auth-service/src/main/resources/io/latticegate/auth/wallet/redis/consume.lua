-- Uses up a rate slot and a nonce or digest of a wallet: both or neither.
--
-- KEYS 1 epoch          string
--      2 rate           list of the instants (ms) of the last admissions, oldest first
--      3 nonces         sorted set of used nonces above the floor; or digest, string
--      4 floor          string: every nonce up to here counts as used
-- ARGV 1 value that the epoch must have
--      2 caller's clock (ms)       3 most by which it may differ from this server's
--      4 admissions per period     5 period (ms)
--      6 mode: window, strict or digest
--      7 how long to remember what is used (ms)
--      8 nonce                     9 size of the window
-- Reply {code, number}: 1 consumed; 2 rate exceeded, ms to wait; 3 nonce too low, one that would do;
--      4 nonce used, one that would do; 5 epoch lost; 6 clocks differ, this server's clock (ms); 7 digest used

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return {5, 0}
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if math.abs(now - tonumber(ARGV[2])) > tonumber(ARGV[3]) then
    return {6, now}
end

local count = tonumber(ARGV[4])
local period = tonumber(ARGV[5])
local newest = redis.call('LINDEX', KEYS[2], -1)
if newest and tonumber(newest) > now then
    -- This server's clock went back: what lies ahead of it counts as of now, so that nobody waits longer than a period.
    for i, admitted in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
        if tonumber(admitted) > now then
            redis.call('LSET', KEYS[2], i - 1, string.format('%.0f', now))
        end
    end
    redis.call('PEXPIRE', KEYS[2], period)
end
local oldest = redis.call('LINDEX', KEYS[2], -count)
if oldest then
    local wait = tonumber(oldest) + period - now
    if wait > 0 then
        return {2, wait}
    end
end

if ARGV[6] == 'digest' then
    if not redis.call('SET', KEYS[3], '1', 'NX', 'PX', ARGV[7]) then
        return {7, 0}
    end
else
    local nonce = tonumber(ARGV[8])
    local floor = tonumber(redis.call('GET', KEYS[4]) or '-1')
    local highest = tonumber(redis.call('ZREVRANGE', KEYS[3], 0, 0)[1] or floor)
    local expected = math.min(highest + 1, 9007199254740991)
    if redis.call('ZSCORE', KEYS[3], ARGV[8]) then
        return {4, expected}
    end
    if nonce <= floor or (ARGV[6] == 'strict' and nonce < highest) then
        return {3, expected}
    end
    redis.call('ZADD', KEYS[3], ARGV[8], ARGV[8])
    if redis.call('ZCARD', KEYS[3]) > tonumber(ARGV[9]) then
        redis.call('SET', KEYS[4], redis.call('ZPOPMIN', KEYS[3])[1])
    end
    redis.call('PEXPIRE', KEYS[3], ARGV[7])
    redis.call('PEXPIRE', KEYS[4], ARGV[7])
end

redis.call('RPUSH', KEYS[2], string.format('%.0f', now))
redis.call('LTRIM', KEYS[2], -count, -1)
redis.call('PEXPIRE', KEYS[2], period)
return {1, 0}
