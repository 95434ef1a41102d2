-- KEYS: generation of all projects, generation of the project, name of the entry without its generation
-- ARGV: generation to set where there is none, its time to live in ms
-- Returns the generation and the entry, or false.
local function generation(key)
    local known = redis.call('GET', key)
    if known then
        return known
    end
    redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
    return ARGV[1]
end
local current = generation(KEYS[1]) .. '.' .. generation(KEYS[2])
return { current, redis.call('GET', KEYS[3] .. ':' .. current) }
