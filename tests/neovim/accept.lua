-- Accepts every completion at the given places, each on a fresh text, through the editor's own
-- completion menu and snippet engine.
--
-- Arguments: configuration, places, results. Places are a JSON list of
-- `{file, lines, row, column}` (row from 1, column in bytes from 0); results are lines of JSON:
-- `{place, label, lines}`, place from 0.

local folder = vim.fs.dirname(debug.getinfo(1).source:sub(2))
local Editor = dofile(folder .. '/editor.lua')
local init, places_file, results_file = arg[1], arg[2], arg[3]
local places = vim.json.decode(io.open(places_file):read('*a'))
local results = assert(io.open(results_file, 'w'))

local editor = Editor.start(init)

-- What runs in the editor is kept short in round trips: there are thousands of items.
editor:lua([[
  -- A snippet's choices get a menu a moment later. It inserts nothing, and would be taken for the
  -- next menu of the server.
  local defer = vim.defer_fn
  vim.defer_fn = function(...)
    local is_of_choices = debug.getinfo(2, 'S').source:find('snippet.lua', 1, true)
    return not is_of_choices and defer(...) or nil
  end

  -- Requests whose answers are not worked in yet. What the editor cancels is answered to nobody.
  local waiting = {}
  local counted = {}
  function _G.count_requests(client)
    if counted[client.id] then return end
    counted[client.id] = true
    local request, cancel = client.request, client.cancel_request
    local of_id = {}
    client.request = function(self, method, params, handler, ...)
      local one = {}
      waiting[one] = true
      local asks_completion = method == 'textDocument/completion'
      local sent, id = request(self, method, params, function(err, result, ...)
        waiting[one] = nil
        if asks_completion then
          _G.offered = result and #(result.items or result) or 0
        end
        return handler(err, result, ...)
      end, ...)
      if id then of_id[id] = one end
      return sent, id
    end
    client.cancel_request = function(self, id, ...)
      local one = of_id[id]
      if one then waiting[one] = nil end
      return cancel(self, id, ...)
    end
  end

  -- A fresh text with the cursor at a place; asks for completion.
  function _G.ask(lines, row, column)
    _G.offered = nil
    vim.api.nvim_buf_set_lines(0, 0, -1, true, lines)
    vim.api.nvim_win_set_cursor(0, { row, column })
    vim.lsp.completion.get()
  end

  -- The labels in the menu, once there was an answer; false where the editor dropped what the
  -- server offered: keys that a snippet typed late have left the insert mode.
  function _G.shown()
    if next(waiting) then return vim.NIL end
    if vim.fn.pumvisible() == 0 then return { menu = _G.offered == 0 and {} } end
    return { menu = vim.tbl_map(function(item) return item.abbr end, vim.fn.complete_info({ 'items' }).items) }
  end

  -- The text, once the item is chosen and nothing is asked of the server any more.
  function _G.accepted()
    if next(waiting) or vim.fn.pumvisible() ~= 0 then return vim.NIL end
    return vim.api.nvim_buf_get_lines(0, 0, -1, true)
  end
]])

local function into_insert_mode()
  -- Keys that a snippet has typed itself, to select its text, come first; so the last key tells.
  editor:lua('_G.is_ready = false; vim.snippet.stop()')
  editor:type('<Esc>i<Cmd>lua _G.is_ready = true<CR>')
  editor:wait('insert mode', '_G.is_ready')
end

--- The labels in the menu at a place; the menu stays open.
local function menu(place)
  for _ = 1, 20 do
    editor:lua('ask(...)', place.lines, place.row, place.column)
    local labels = editor:wait('the answer', 'shown()').menu
    if labels then return labels end
    into_insert_mode()
  end
  error('no menu shows what the server offers')
end

local file
for number, place in ipairs(places) do
  if place.file ~= file then
    if file then
      editor:type('<Esc>')
      editor:wait('normal mode', [[vim.api.nvim_get_mode().mode == 'n']])
    end
    file = place.file
    editor:open(file, true)
    editor:lua([[
      local client = vim.lsp.get_clients({ bufnr = 0, name = 'pacto' })[1]
      vim.lsp.completion.enable(true, client.id, 0, { autotrigger = false })
      count_requests(client)
    ]])
    into_insert_mode()
  end
  local labels = menu(place)
  for index, label in ipairs(labels) do
    if index > 1 then
      local again = menu(place)
      local text = table.concat(place.lines, '\n', 1, place.row)
      assert(#again == #labels, ('the menu changes: %s, then %s at\n%s'):format(vim.inspect(labels), vim.inspect(again), text))
    end
    editor:api('nvim_select_popupmenu_item', index - 1, true, true, vim.empty_dict())
    local lines = editor:wait('the item', 'accepted()')
    results:write(vim.json.encode({ place = number - 1, label = label, lines = lines }), '\n')
    into_insert_mode()
  end
  if #labels == 0 then
    results:write(vim.json.encode({ place = number - 1, label = '', lines = {} }), '\n')
  end
end
results:write(vim.json.encode({ messages = editor:messages() }), '\n')
results:close()
editor:quit()
