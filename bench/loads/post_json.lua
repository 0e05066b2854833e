-- Posts a JSON document of exactly 1 KiB: an array of small records and a pad.
local records = {}
for i = 0, 18 do
  records[#records + 1] = string.format(
    '{"id":%d,"name":"item %d","price":%.2f,"tags":[%d,%d],"ok":%s}', i, i, i * 1.25, i, i + 1, i % 2 == 0 and "true" or "false")
end
local body = '{"items":[' .. table.concat(records, ",") .. '],"pad":"'
body = body .. string.rep("x", 1024 - #body - 2) .. '"}'
assert(#body == 1024)

wrk.method = "POST"
wrk.body = body
wrk.headers["Content-Type"] = "application/json"
