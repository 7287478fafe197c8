// The player: draws the peaks that the server computed, loads sound only on play, keeps clock, slider and transcript in step.
import WaveSurfer from "../../vendor/wavesurfer.js";
import { Channels } from "./channels.js";
import { Follow } from "./follow.js";
import { isLetterAllowed, isPlain, isTyping } from "./keys.js";
import { say } from "./say.js";
import { Silences } from "./silences.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];
const CLIP = 20; // seconds of a clip until somebody says otherwise
const JUMP = 5; // seconds

const box = document.querySelector("[data-player]");
const media = box.querySelector("[data-sound]");
const scrub = box.querySelector("[data-scrub]");
const waves = box.querySelector("[data-waves]");
const head = box.querySelector("[data-head]");
const flag = box.querySelector("[data-flag]");
const flagSide = box.querySelector("[data-flag-side]");
const flagTime = box.querySelector("[data-flag-time]");
const played = box.querySelector("[data-played]");
const said = box.querySelector("[data-player-said]");
const script = document.querySelector("[data-script]");
const length = Number(box.dataset.seconds);
const follow = new Follow(script, document.querySelector("[data-follow]"));
const channels = new Channels(media);
const silences = new Silences(box);
const pick = box.querySelector("[data-speed-pick]");
const habits = `plainspoken.player.${box.dataset.person ?? ""}`;
let wanted = 0; // where the sound shall start once it is loaded
let until = null; // where a clip ends

follow.playing = () => !media.paused;

function clock(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const minutes = parts[0] ? String(parts[1]).padStart(2, "0") : String(parts[1]);
  return `${parts[0] ? `${parts[0]}:` : ""}${minutes}:${String(parts[2]).padStart(2, "0")}`;
}

function spoken(seconds) {
  const minutes = Math.floor(seconds / 60);
  const rest = Math.floor(seconds % 60);
  return `${minutes ? `${minutes} minute${minutes === 1 ? "" : "s"} ` : ""}${rest} second${rest === 1 ? "" : "s"}`;
}

function now() {
  return media.readyState > 0 ? media.currentTime : wanted;
}

function show() {
  const seconds = now();
  const share = `${Math.min(100, (seconds / length) * 100).toFixed(3)}%`;
  head.setAttribute("x1", share);
  head.setAttribute("x2", share);
  played.setAttribute("width", share);
  flag.setAttribute("x", share);
  flagSide.setAttribute("transform", seconds / length > 0.9 ? "translate(-38 0)" : "translate(0 0)");
  flagTime.textContent = clock(seconds);
  scrub.setAttribute("aria-valuenow", Math.floor(seconds));
  scrub.setAttribute("aria-valuetext", `${spoken(seconds)} of ${spoken(length)}`);
  for (const label of document.querySelectorAll("[data-now]")) label.textContent = clock(seconds);
  for (const part of box.querySelectorAll(".pn-segs a")) {
    const start = Number(part.dataset.seek);
    const next = part.nextElementSibling ? Number(part.nextElementSibling.dataset.seek) : length;
    if (seconds >= start && seconds < next) part.setAttribute("aria-current", "true");
    else part.removeAttribute("aria-current");
  }
  if (seconds > 0 || !media.paused) follow.show(seconds);
}

function seek(seconds) {
  wanted = Math.max(0, Math.min(length, seconds));
  if (media.readyState > 0) media.currentTime = wanted;
  show();
}

function playing(is) {
  for (const button of document.querySelectorAll("[data-play]")) {
    button.setAttribute("aria-label", is ? "Pause" : "Play");
    button.querySelector("[data-when=playing]").hidden = !is;
    button.querySelector("[data-when=paused]").hidden = is;
  }
}

async function toggle() {
  if (!media.paused) {
    media.pause();
    return;
  }
  try {
    said.textContent = "";
    await media.play();
  } catch {
    said.textContent = "The sound could not be loaded. Load the page again.";
  }
}

media.addEventListener("loadedmetadata", () => {
  if (wanted) media.currentTime = wanted;
});
media.addEventListener("play", () => {
  playing(true);
  if (follow.on) follow.bring();
  tick();
});
media.addEventListener("pause", () => playing(false));
media.addEventListener("ended", () => playing(false));
media.addEventListener("seeked", show);
media.addEventListener("error", () => {
  if (media.networkState === HTMLMediaElement.NETWORK_NO_SOURCE || media.error) {
    said.textContent = "The sound could not be loaded. Load the page again.";
  }
});

function tick() {
  const past = silences.past(now());
  if (past !== null) seek(past);
  if (until !== null && now() >= until) {
    until = null;
    media.pause();
  }
  show();
  if (!media.paused) requestAnimationFrame(tick);
}

// What a person likes stays on this machine, under their own account.
function keepHabit(name, value) {
  try {
    const kept = JSON.parse(localStorage.getItem(habits) ?? "{}");
    localStorage.setItem(habits, JSON.stringify({ ...kept, [name]: value }));
  } catch {
    // Storage is switched off: the habit lasts until the page is left.
  }
}

function habit(name) {
  try {
    return JSON.parse(localStorage.getItem(habits) ?? "{}")[name];
  } catch {
    return undefined;
  }
}

function speed(value, quiet = false) {
  media.defaultPlaybackRate = value;
  media.playbackRate = value;
  pick.value = String(value);
  if (quiet) return;
  keepHabit("speed", value);
  say(`Speed ${value}`);
}

function skip(on, quiet = false) {
  silences.skip = on;
  box.querySelector("[data-skip]")?.setAttribute("aria-pressed", String(on));
  if (quiet) return;
  keepHabit("skip", on);
  say(on ? "Silences are skipped" : "Silences are played");
}

pick.addEventListener("change", () => speed(Number(pick.value)));
if (SPEEDS.includes(habit("speed"))) speed(habit("speed"), true);
if (habit("skip") === true) skip(true, true);

function hear(which) {
  channels.hear(which);
  for (const button of box.querySelectorAll("[data-channel]")) {
    button.setAttribute("aria-pressed", String(button.dataset.channel === which));
  }
}

function nextCut() {
  const starts = [...box.querySelectorAll("[data-cut]")].map((link) => Number(link.dataset.seek));
  const next = starts.find((start) => start > now() + 0.5) ?? starts[0];
  if (next !== undefined) seek(next);
}

// The address of this page at a second; what else it says stays.
function addressAt(seconds) {
  const query = new URLSearchParams(location.search);
  query.set("t", String(Math.floor(seconds)));
  return `?${query}`;
}

// ---- presses ----

// A note and a clip begin where the sound stands.
function fill(dialog) {
  const put = (name, seconds) => {
    const field = dialog.querySelector(`[name=${name}]`);
    if (field) field.value = clock(seconds);
  };
  if (dialog.id === "note") put("at", now());
  if (dialog.id !== "clip") return;
  put("start", now());
  put("end", Math.min(length, now() + CLIP));
}

function openNote() {
  const dialog = document.getElementById("note");
  if (!dialog || dialog.open) return;
  fill(dialog);
  dialog.showModal();
  dialog.querySelector("[name=text]")?.focus();
}

for (const name of ["note", "clip"]) {
  const button = document.querySelector(`[data-opens=${name}]`);
  button?.addEventListener("click", () => fill(document.getElementById(name)));
}

// The address follows, so that it can be copied; the second of the link wins over the start of the turn it names.
function jump(event, link) {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  history.replaceState(null, "", link.hash || addressAt(Number(link.dataset.seek)));
  seek(Number(link.dataset.seek));
  until = link.dataset.moment || !link.dataset.until ? null : Number(link.dataset.until);
  if (!script.contains(link)) follow.bring();
}

document.addEventListener("click", (event) => {
  const at = (selector) => event.target.closest(selector);
  if (at("[data-play]")) toggle();
  else if (at("[data-jump]")) seek(now() + Number(at("[data-jump]").dataset.jump));
  else if (at("[data-skip]")) skip(!silences.skip);
  else if (at("[data-channel]")) hear(at("[data-channel]").dataset.channel);
  else if (at("[data-seek]")) jump(event, at("[data-seek]"));
  else if (at("[data-t]") && !String(getSelection())) seek(Number(at("[data-t]").dataset.t));
  else if (at("[data-to-player]")) box.scrollIntoView({ block: "center" });
});

function pointed(event) {
  const area = waves.getBoundingClientRect();
  seek(((event.clientX - area.left) / area.width) * length);
}

scrub.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  scrub.setPointerCapture(event.pointerId);
  pointed(event);
});
scrub.addEventListener("pointermove", (event) => {
  if (scrub.hasPointerCapture(event.pointerId)) pointed(event);
});

// ---- keys ----

function turn(step) {
  const start = follow.startOfNext(now(), step);
  if (start !== null) seek(start);
}

const MOVES = {
  ArrowLeft: (shift) => (shift ? turn(-1) : seek(now() - JUMP)),
  ArrowRight: (shift) => (shift ? turn(1) : seek(now() + JUMP)),
};

document.addEventListener("keydown", (event) => {
  if (!isPlain(event) || isTyping(event.target)) return;
  const onControl = event.target.closest?.("button, a, summary");
  if (event.key === " " && !onControl) {
    event.preventDefault();
    toggle();
  } else if (MOVES[event.key]) {
    event.preventDefault();
    MOVES[event.key](event.shiftKey);
  } else if (event.target === scrub && (event.key === "Home" || event.key === "End")) {
    event.preventDefault();
    seek(event.key === "Home" ? 0 : length);
  } else if ((event.key === "<" || event.key === ">") && isLetterAllowed(event)) {
    const place = SPEEDS.indexOf(media.defaultPlaybackRate) + (event.key === ">" ? 1 : -1);
    if (SPEEDS[place]) speed(SPEEDS[place]);
  } else if (isLetterAllowed(event)) letter(event);
});

const CHANNELS = { 1: "both", 2: "agent", 3: "customer" };

function letter(event) {
  if (event.key === "r") nextCut();
  else if (event.key === "s" && box.querySelector("[data-skip]")) skip(!silences.skip);
  else if (event.key === "m") {
    event.preventDefault();
    openNote();
  } else if (CHANNELS[event.key] && box.querySelector(`[data-channel=${CHANNELS[event.key]}]`)) hear(CHANNELS[event.key]);
}

// ---- search inside the call ----

const inCall = document.querySelector("[data-in-call]");
const nothing = document.querySelector("[data-nothing]");

function searchCall() {
  const words = inCall.value.trim().toLowerCase();
  let found = 0;
  for (const item of follow.turns) {
    const fits = !words || item.textContent.toLowerCase().includes(words);
    item.hidden = !fits;
    if (fits) found += 1;
  }
  nothing.hidden = found > 0;
  if (words) say(`${found} found`);
}

inCall?.addEventListener("input", searchCall);
if (inCall?.value) searchCall();

// ---- drawing ----

// Tokens are light-dark(…) texts; an element's computed colour resolves them for the canvas.
function colour(token) {
  const probe = document.createElement("i");
  probe.hidden = true;
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function inks(count) {
  const all = [colour("--ps-agent"), colour("--ps-customer")];
  return all.slice(0, count).map((ink) => ({ waveColor: ink, progressColor: ink }));
}

// Without a nonce the policy of the page refuses the style element in wavesurfer's shadow root; the same rules then
// come as a constructed sheet.
function styleShadow(surfer) {
  const root = surfer.getWrapper().getRootNode();
  const own = root.querySelector("style");
  if (!own || own.sheet) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(own.textContent);
  root.adoptedStyleSheets = [sheet];
}

async function draw() {
  const answer = await fetch(box.dataset.peaks, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  const { channels: sides } = await answer.json();
  const surfer = WaveSurfer.create({
    container: waves,
    peaks: sides.map((side) => side.peaks),
    duration: length,
    height: 52,
    barWidth: 2,
    barGap: 1,
    barMinHeight: 1,
    cursorWidth: 0,
    interact: false,
    normalize: false,
    hideScrollbar: true,
    splitChannels: inks(sides.length),
    cspNonce: document.querySelector("script[nonce]")?.nonce,
  });
  styleShadow(surfer);
  document.addEventListener("themechange", () => surfer.setOptions({ splitChannels: inks(sides.length) }));
}

draw().catch(() => {
  said.textContent = "The drawing of the sound is missing. Playing works without it.";
});

// ---- start ----

scrub.setAttribute("role", "slider");
scrub.tabIndex = 0;

function fromAddress() {
  const hash = /^#t(\d+)$/.exec(location.hash);
  const turnThere = location.hash ? document.getElementById(location.hash.slice(1)) : null;
  const asked = new URLSearchParams(location.search).get("t");
  if (turnThere?.dataset.start) seek(Number(turnThere.dataset.start));
  else if (hash) seek(Number(hash[1]));
  else if (asked !== null && Number.isFinite(Number(asked))) {
    seek(Number(asked));
    follow.bring();
  }
}

addEventListener("hashchange", fromAddress);
fromAddress();
show();

// The turn that is spoken stands below the player, however tall that is.
new ResizeObserver(() => script.style.setProperty("--pn-player", `${box.offsetHeight}px`)).observe(box);

const mini = document.querySelector("[data-mini]");
new IntersectionObserver(([entry]) => {
  mini.hidden = entry.isIntersecting;
}).observe(box.querySelector(".pn-controls"));
