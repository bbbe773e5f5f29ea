"""The pages of signing in, which are there before anything else is: plain, without the dashboard's code."""

from __future__ import annotations

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Draftsmith</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; display: grid; min-height: 100vh; place-items: center; }
main { width: min(22rem, 90vw); }
h1 { font-size: 1.25rem; }
form { display: grid; gap: .75rem; }
label { display: grid; gap: .25rem; }
input, button { font: inherit; padding: .5rem; }
</style>
"""

OPEN_PAGE = (
    _HEAD
    + """<script src="open.js" defer></script>
</head>
<body>
<main>
<h1>Draftsmith</h1>
<p id="state" role="status">Signing in …</p>
<noscript><p>Signing in needs JavaScript.</p></noscript>
</main>
</body>
</html>
"""
)

OPEN_SCRIPT = """"use strict";
(async () => {
  const say = (text) => { document.getElementById("state").textContent = text; };
  const code = location.hash.slice(1);
  // Out of the address before anything else: it must not stay in the history.
  history.replaceState(null, "", location.pathname);
  if (!code) { say("This address opens nothing by itself. Run `draftsmith web`."); return; }
  try {
    const answer = await fetch("api/v1/auth/sign-in", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code }),
    });
    if (answer.ok) { location.replace("./"); return; }
    const problem = await answer.json();
    say(`${problem.detail} ${problem.remedy}`);
  } catch {
    say("The hub does not answer. Run `draftsmith web` again.");
  }
})();
"""

NAME_PAGE = (
    _HEAD
    + """<script src="sign-in.js" defer></script>
</head>
<body>
<main>
<h1>Sign in to Draftsmith</h1>
<p id="state" role="status"></p>
<form id="by-name" hidden>
<label>Name <input name="name" autocomplete="username" autocapitalize="none" spellcheck="false" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button>
</form>
<p id="by-identity" hidden><a href="identity/sign-in">Sign in with your organisation</a></p>
<noscript><p>Signing in needs JavaScript.</p></noscript>
</main>
</body>
</html>
"""
)

NAME_SCRIPT = """"use strict";
(async () => {
  const say = (text) => { document.getElementById("state").textContent = text; };
  const form = document.getElementById("by-name");
  const send = async (name, password) => {
    say("Signing in …");
    const answer = await fetch("api/v1/auth/sign-in", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name, password }),
    });
    if (answer.ok) { location.replace("./"); return; }
    const problem = await answer.json();
    say(`${problem.detail} ${problem.remedy}`);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(form);
    send(given.get("name"), given.get("password")).catch(() => say("The hub does not answer. Try again."));
  });
  try {
    const ways = await (await fetch("api/v1/auth/ways")).json();
    form.hidden = !ways.password;
    document.getElementById("by-identity").hidden = !ways.identity;
    if (ways.password) form.elements.name.focus();
    else if (!ways.identity) say("Nobody can sign in by name here. On the hub's machine run `draftsmith web`.");
  } catch {
    say("The hub does not answer. Try again.");
  }
})();
"""

# The browser goes on by a page of ours: a cookie for this site only is not sent on a way that began elsewhere.
CAME_BACK_PAGE = (
    _HEAD
    + """<meta http-equiv="refresh" content="0;url=../">
</head>
<body>
<main><h1>Draftsmith</h1><p>You are signed in. <a href="../">Go on</a></p></main>
</body>
</html>
"""
)
