-- KEYS: mark of the purge, generation to replace
-- ARGV: new generation, its time to live in ms
-- Returns 1 where this call has replaced it, 0 where another proxy has done so for the same purge.
if redis.call('SET', KEYS[1], '1', 'NX', 'PX', 600000) then
    redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
    return 1
end
return 0
