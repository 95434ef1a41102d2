-- A nonce that the wallet can use next. KEYS 1 nonces, 2 floor.
local highest = redis.call('ZREVRANGE', KEYS[1], 0, 0)[1] or redis.call('GET', KEYS[2]) or '-1'
return math.min(tonumber(highest) + 1, 9007199254740991)
