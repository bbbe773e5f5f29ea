-- The main job in Neovim with its own LSP client and no plugin. Results go to the file in $RESULT as JSON.

local results = { steps = {}, progress = {} }

local function finish(failure)
  results.failure = failure
  local file = assert(io.open(vim.env.RESULT, 'w'))
  file:write(vim.fn.json_encode(results))
  file:close()
  vim.cmd('qall!')
end

local function wait(what, found)
  if not vim.wait(60000, found, 50) then
    results.screen = vim.api.nvim_exec('messages', true)
    finish('never: ' .. what)
    error('never: ' .. what)
  end
  table.insert(results.steps, what)
end

-- What a user presses in the menus: the choice whose title begins so.
local wanted
vim.ui.select = function(items, opts, choose)
  for _, item in ipairs(items) do
    local title = opts.format_item and opts.format_item(item) or tostring(item)
    if title:find(wanted, 1, true) then
      return choose(item, 1)
    end
  end
  choose(nil, nil)
end

local function lines()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
end

local function lenses()
  vim.lsp.codelens.refresh()
  vim.wait(200)
  local titles = {}
  for _, lens in ipairs(vim.lsp.codelens.get(0)) do
    table.insert(titles, lens.command.title)
  end
  return titles
end

local function job()
  -- As in docs/editors.md for Neovim 0.7.
  local client = vim.lsp.start_client({
    name = 'draftsmith',
    cmd = { vim.env.PYTHON, '-P', '-m', 'draftsmith.cli.main', 'lsp' },
    root_dir = vim.fn.getcwd(),
  })
  vim.lsp.buf_attach_client(0, client)
  wait('initialized', function() return vim.lsp.get_client_by_id(client).initialized end)
  vim.api.nvim_create_autocmd('User', {
    pattern = 'LspProgressUpdate',
    callback = function()
      for _, message in ipairs(vim.lsp.util.get_progress_messages()) do
        table.insert(results.progress, (message.title or '') .. ': ' .. (message.message or ''))
      end
    end,
  })

  -- A finding of another server at the cursor, and the action on it.
  local finding = {
    range = { start = { line = 1, character = 11 }, ['end'] = { line = 1, character = 16 } },
    message = 'add subtracts', source = 'checker', severity = 1,
  }
  vim.api.nvim_win_set_cursor(0, { 2, 11 })
  wanted = 'Fix with Draftsmith: add subtracts'
  vim.lsp.buf.code_action({ diagnostics = { finding } })
  wait('lenses', function() return #lenses() == 7 end)
  results.lenses = lenses()
  results.hover = vim.lsp.buf_request_sync(0, 'textDocument/hover', vim.lsp.util.make_position_params(), 5000)

  -- Accept the first hunk by its lens; one undo takes it back, and it waits again.
  local before = lines()
  wanted = 'Accept +1'
  vim.api.nvim_win_set_cursor(0, { 2, 0 })
  vim.lsp.codelens.run()
  wait('accepted', function() return lines():find('a + b', 1, true) ~= nil end)
  results.accepted = lines()
  wait('one hunk left', function() return #lenses() == 3 end)
  vim.cmd('undo')
  results.undone = lines() == before
  wait('it waits again', function() return #lenses() == 7 end)

  -- Accept it again by its code action, reject the other, save.
  wanted = 'Accept hunk +1'
  vim.lsp.buf.code_action()
  wait('accepted again', function() return lines():find('a + b', 1, true) ~= nil end)
  wait('one left again', function() return #lenses() == 3 end)
  vim.api.nvim_win_set_cursor(0, { 6, 0 })
  wanted = 'Reject hunk'
  vim.lsp.buf.code_action()
  wait('rejected', function() return #lenses() == 0 end)
  vim.cmd('write')
  results.saved = lines()

  -- The session's own undo.
  vim.wait(500)
  wanted = 'Undo the last apply'
  vim.lsp.buf.code_action()
  wait('taken back', function() return lines() == before end)
  vim.lsp.stop_client(client)
  wait('ended', function() return vim.lsp.get_client_by_id(client) == nil end)
  finish(nil)
end

vim.schedule(function()
  local fine, failure = xpcall(job, debug.traceback)
  if not fine then
    finish(results.failure or failure)
  end
end)
