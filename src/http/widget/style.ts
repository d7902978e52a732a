export const style = `
:host { all: initial; color-scheme: light dark; --paper: light-dark(#f7f9f9, #12181a); --panel: light-dark(#fff, #1a2123); --sunken: light-dark(#eef2f3, #0e1315);
  --line: light-dark(#d9e0e2, #323c3f); --edge: light-dark(#76868a, #7d8b8f); --ink: light-dark(#152226, #e7eced); --soft: light-dark(#4b5b60, #b4c0c3);
  --accent: light-dark(#0f6674, #57bccb); --on-accent: light-dark(#fff, #06252b); --mine: light-dark(#dcf0f3, #173a42); --bad: light-dark(#a62b1f, #ff9d8f);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
:host([data-theme="light"]) { color-scheme: light; }
:host([data-theme="dark"]) { color-scheme: dark; }
*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
.panel { display: flex; flex-direction: column; background: var(--paper); color: var(--ink); overflow: hidden; }
.page { position: fixed; inset: 0; }
.page > * { width: 100%; max-width: 52rem; margin-inline: auto; }
.pop { position: fixed; z-index: 2147483000; inset-inline-end: 1rem; bottom: 5rem; width: min(24rem, calc(100vw - 2rem)); height: min(38rem, calc(100dvh - 6.5rem));
  border: 1px solid var(--line); border-radius: 1rem; box-shadow: 0 12px 40px rgb(0 0 0 / .25); }
.launch { position: fixed; z-index: 2147483000; inset-inline-end: 1rem; bottom: 1rem; width: 3.5rem; height: 3.5rem; border: 0; border-radius: 50%;
  background: var(--accent); color: var(--on-accent); cursor: pointer; box-shadow: 0 4px 16px rgb(0 0 0 / .25); display: grid; place-items: center; }
.launch svg { width: 1.6rem; height: 1.6rem; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
header { display: flex; align-items: center; gap: .5rem; padding: .75rem 1rem; border-bottom: 1px solid var(--line); }
header h1, header h2 { flex: 1; margin: 0; font-size: 1.05rem; font-weight: 650; overflow-wrap: anywhere; }
.status { font-size: .85rem; color: var(--soft); }
.status.bad { color: var(--bad); }
.log { flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 1rem; display: flex; flex-direction: column; gap: .75rem; }
.log:focus-visible, pre:focus-visible, .wide:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.messages { list-style: none; margin: 0; padding: 0; display: flex; flex-direction: column; gap: .75rem; }
.message { max-width: 85%; display: flex; flex-direction: column; gap: .25rem; align-self: flex-start; }
.message.in { align-self: flex-end; align-items: flex-end; }
.bubble { padding: .5rem .8rem; border-radius: .9rem; background: var(--panel); border: 1px solid var(--line); overflow-wrap: anywhere; min-width: 0; max-width: 100%; }
.in .bubble { background: var(--mine); border-color: transparent; white-space: pre-wrap; }
.plain { white-space: pre-wrap; }
.note { font-size: .8rem; color: var(--soft); }
.note.bad { color: var(--bad); }
.chip { align-self: flex-start; padding: 0 .45rem; border: 1px solid var(--edge); border-radius: 1rem; font-size: .75rem; color: var(--soft); }
.bubble > :first-child { margin-top: 0; } .bubble > :last-child { margin-bottom: 0; }
.bubble p, .bubble ul, .bubble ol, .bubble pre, .bubble blockquote, .bubble .wide { margin: .5rem 0; }
.bubble .head { margin: .75rem 0 .25rem; font-weight: 650; }
.bubble .head1 { font-size: 1.15rem; } .bubble .head2 { font-size: 1.07rem; }
.bubble ul, .bubble ol { padding-inline-start: 1.4rem; } .bubble ul { list-style: disc; } .bubble ol { list-style: decimal; }
.bubble .task { list-style: none; margin-inline-start: -1.2rem; }
.bubble blockquote { border-inline-start: 3px solid var(--edge); padding-inline-start: .75rem; margin-inline: 0; color: var(--soft); }
.bubble code { font: .9em/1.45 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; background: var(--sunken); border-radius: .25rem; padding: .1em .3em; }
.bubble pre { background: var(--sunken); border-radius: .5rem; padding: .6rem .75rem; overflow-x: auto; }
.bubble pre code { padding: 0; white-space: pre; }
.wide { overflow-x: auto; } table { border-collapse: collapse; overflow-wrap: normal; } th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: start; }
hr { border: 0; border-top: 1px solid var(--line); margin: .75rem 0; }
a { color: var(--accent); text-underline-offset: .15em; }
.choices { display: flex; flex-wrap: wrap; gap: .5rem; max-width: 100%; }
button { font: inherit; }
.button { min-height: 2.75rem; padding: .35rem .9rem; border-radius: .6rem; border: 1px solid var(--edge); background: var(--panel); color: var(--ink); cursor: pointer; overflow-wrap: anywhere; }
.button:hover:not(:disabled) { border-color: var(--accent); }
.button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
.button:disabled { opacity: .6; cursor: default; }
.small { min-height: 2.25rem; font-size: .9rem; align-self: center; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
form { display: flex; gap: .5rem; align-items: flex-end; padding: .75rem 1rem calc(.75rem + env(safe-area-inset-bottom)); border-top: 1px solid var(--line); }
textarea { flex: 1; min-width: 0; font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--edge); border-radius: .6rem; padding: .55rem .75rem;
  min-height: 2.75rem; max-height: 10rem; resize: none; field-sizing: content; }
textarea::placeholder { color: var(--soft); opacity: 1; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.working::after { content: "…"; }
@media (prefers-reduced-motion: no-preference) { .working { animation: working 1.4s ease-in-out infinite; } @keyframes working { 50% { opacity: .45; } } }
@media (max-width: 30rem) { .pop { inset: 0; width: auto; height: auto; border: 0; border-radius: 0; } .pop ~ .launch.open { display: none; } }
`;
