-- A real editor, driven from outside as a user interface would: keys go in, its state comes out.

local Editor = {}
Editor.__index = Editor

local PATIENCE_MS = 20000

--- Starts an editor with the configuration `init`.
function Editor.start(init)
  local command = { vim.v.progpath, '--embed', '--headless', '--clean', '-i', 'NONE', '-n', '-u', init }
  -- The program is started through a script: `progpath` is the dynamic linker then.
  if vim.env.NVIM_SCRIPT then
    command[1] = vim.env.NVIM_SCRIPT
  end
  local channel = vim.fn.jobstart(command, { rpc = true, env = { NVIM = '' } })
  assert(channel > 0, 'the editor does not start')
  local editor = setmetatable({ channel = channel }, Editor)
  editor:lua([[vim.o.completeopt = 'menuone,noselect,popup'; vim.o.undolevels = -1; vim.o.hidden = true]])
  return editor
end

function Editor:api(method, ...)
  return vim.rpcrequest(self.channel, method, ...)
end

--- Runs Lua in the editor.
function Editor:lua(code, ...)
  return self:api('nvim_exec_lua', code, { ... })
end

--- Types keys.
function Editor:type(keys)
  self:api('nvim_input', keys)
end

--- Waits until `code`, an expression in the editor, is neither false nor nil; returns its value.
function Editor:wait(what, code, ...)
  local deadline = vim.uv.hrtime() + PATIENCE_MS * 1000000
  while true do
    local value = self:lua('return ' .. code, ...)
    if value and value ~= vim.NIL then
      return value
    end
    if vim.uv.hrtime() > deadline then
      error('in vain waited for: ' .. what .. '\n' .. self:messages())
    end
    vim.uv.sleep(1)
  end
end

--- Everything that the editor has said, errors of Lua among it.
function Editor:messages()
  return self:api('nvim_exec2', 'messages', { output = true }).output
end

--- Opens a file; with `waits`, until the server is attached to it.
function Editor:open(path, waits)
  self:api('nvim_cmd', { cmd = 'edit', args = { path }, magic = { file = false } }, {})
  if waits then
    self:wait('a client of ' .. path, '#vim.lsp.get_clients({ bufnr = 0, name = "pacto" }) > 0 and vim.lsp.get_clients({ bufnr = 0 })[1].initialized == true')
  end
end

function Editor:lines()
  return self:api('nvim_buf_get_lines', 0, 0, -1, true)
end

function Editor:quit()
  vim.fn.jobstop(self.channel)
end

return Editor
