-- What a person does in a contract and in the files beside it. Writes what the editor then shows.
--
-- Arguments: configuration, folder of the workspace, results (one JSON object).

local here = vim.fs.dirname(debug.getinfo(1).source:sub(2))
local Editor = dofile(here .. '/editor.lua')
local init, workspace, results_file = arg[1], arg[2], arg[3]
local seen = {}

local editor = Editor.start(init)

--- The codes of what is wrong in the buffer.
local function codes()
  return editor:lua([[
    local wrong = vim.diagnostic.get(0, { severity = { min = 'WARN' } })
    local codes = vim.tbl_map(function(d) return d.code end, wrong)
    table.sort(codes)
    return codes
  ]])
end

local HAS = [[(function(code)
  return vim.iter(vim.diagnostic.get(0)):any(function(d) return d.code == code end)
end)(...)]]

--- Replaces the first `from` by `to`, with the cursor on it.
local function replace(from, to)
  for row, line in ipairs(editor:lines()) do
    local start, finish = line:find(from, 1, true)
    if start then
      local changed = line:sub(1, start - 1) .. to .. line:sub(finish + 1)
      editor:api('nvim_buf_set_lines', 0, row - 1, row, true, { changed })
      editor:api('nvim_win_set_cursor', 0, { row, start - 1 })
      return
    end
  end
  error(from .. ' is not there')
end

-- A finding while typing, and the action that mends it.
editor:open(workspace .. '/orders/pacto.yaml', true)
seen.root = editor:lua([[return vim.lsp.get_clients({ bufnr = 0 })[1].root_dir]])
replace('type: http', 'type: htpp')
editor:wait('the finding', HAS, 'SCHEMA_VIOLATION')
seen.typo = codes()
seen.virtual_text = editor:lua([[
  local found = {}
  for _, namespace in pairs(vim.api.nvim_get_namespaces()) do
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
      for _, part in ipairs(mark[4].virt_text or {}) do table.insert(found, part[1]) end
    end
  end
  return table.concat(found)
]])
editor:api('nvim_win_set_cursor', 0, { editor:api('nvim_win_get_cursor', 0)[1], 11 })
editor:lua([[vim.lsp.buf.code_action({ apply = true, filter = function(a) return a.isPreferred end })]])
editor:wait('the action', [[table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\n'):find('type: http\n', 1, true) ~= nil]])
editor:wait('no finding', 'not (' .. HAS .. ')', 'SCHEMA_VIOLATION')
seen.mended = codes()

-- What a field means.
replace('workload: service', 'workload: service')
editor:lua('vim.lsp.buf.hover()')
local FLOAT = [[(function()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      return table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, true), '\n')
    end
  end
end)()]]
editor:wait('the window', FLOAT .. ' ~= nil')
seen.hover = editor:lua('return ' .. FLOAT)

-- Formatting.
replace('workload: service', 'workload:    service')
editor:lua('vim.lsp.buf.format()')
seen.formatted = editor:lines()

-- The files of a bundle, and files that are none of ours.
seen.attached, seen.findings = {}, {}
for _, file in ipairs({
  'orders/interfaces/openapi.yaml', 'orders/interfaces/events.yaml', 'auth/interfaces/tokens.proto',
  'orders/configuration/schema.json', 'orders/values/production.yaml', 'compose.yaml',
}) do
  editor:open(workspace .. '/' .. file, file ~= 'compose.yaml')
  seen.attached[file] = editor:lua([[return #vim.lsp.get_clients({ bufnr = 0 })]])
  seen.findings[file] = codes()
end
editor:open(workspace .. '/orders/interfaces/openapi.yaml', true)
editor:api('nvim_buf_set_lines', 0, 0, 1, true, { 'openapi: [' })
editor:wait('the finding', HAS, 'INVALID_INTERFACE_SPEC')
seen.broken_specification = codes()

-- A contract that is not saved yet.
editor:open(workspace .. '/fresh/pacto.yaml', true)
editor:api('nvim_buf_set_lines', 0, 0, -1, true, { 'pactoVersion: "9.9"' })
editor:wait('findings', '#vim.diagnostic.get(0) > 0')
seen.unsaved = codes()

seen.messages = editor:messages()
local out = assert(io.open(results_file, 'w'))
out:write(vim.json.encode(seen))
out:close()
editor:quit()
