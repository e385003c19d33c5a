/* asking.js: the way to the server and back. While somebody draws, one question is
   on its way at a time, and the newest drawing follows its answer: never a queue. */

const PATIENCE_MS = 20000; /* for an answer */
const PAUSE_MS = 1000, PAUSE_MAX_MS = 5000; /* until a silent server is asked again */

/* A server that wants a token: the page is opened with #token=TOKEN at the end of
   its address, which keeps it for this tab and leaves no trace in the address. */
const TOKEN_KEY = "numeral-token";

function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1).replaceAll("+", "%2B")).get("token");
  if (given !== null) history.replaceState(null, "", "#draw");
  try {
    if (given !== null) sessionStorage.setItem(TOKEN_KEY, given);
    return sessionStorage.getItem(TOKEN_KEY);
  } catch { /* a private window keeps nothing */
    return given;
  }
}

const token = takeToken();
const pass = token === null ? {} : { Authorization: `Bearer ${token}` };

const sleep = ms => new Promise(done => setTimeout(done, ms));

/* What the server says is wrong. */
async function sentenceOf(response) {
  if (response.status === 401) return "The server wants its token: open this page with #token=TOKEN at the end of its address.";
  try {
    return (await response.json()).error.message;
  } catch {
    return `The server answered with status ${response.status}.`;
  }
}

/* JSON of a path. Throws an Error whose message is a sentence. */
export async function get(path) {
  let response;
  try {
    response = await fetch(path, { headers: pass, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch {
    throw new Error("The server does not answer.");
  }
  if (!response.ok) throw new Error(await sentenceOf(response));
  return response.json();
}

/* Calls of the page:
     question()                    gives {path, body, type, ...}, or null: nothing to ask
     answered(question, answer, ms)
     refused(question, sentence)   the server will not answer this one
     waiting(sentence)             it is asked again, until it answers
     busy(isBusy)                  whether anything is on its way
   Call want() whenever there is something new to read. */
export class Asker {
  constructor(calls) {
    this.calls = calls;
    this.isWanted = this.isRunning = false;
    this.pause = PAUSE_MS;
  }

  want() {
    this.isWanted = true;
    if (!this.isRunning) this.#run();
  }

  async #run() {
    this.isRunning = true;
    this.calls.busy(true);
    try {
      while (this.isWanted) {
        this.isWanted = false;
        const question = await this.calls.question();
        if (question !== null) await this.#ask(question);
      }
    } finally {
      this.isRunning = false;
      this.calls.busy(false);
    }
  }

  async #ask(question) {
    const began = performance.now();
    let response, answer;
    try {
      response = await fetch(question.path, {
        method: "POST", body: question.body, headers: { ...pass, "Content-Type": question.type },
        signal: AbortSignal.timeout(PATIENCE_MS)
      });
      if (response.ok) answer = await response.json();
    } catch {
      await this.#later("The server does not answer; the page goes on as soon as it does.");
      return;
    }
    this.pause = PAUSE_MS;
    if (response.ok) {
      this.calls.answered(question, answer, performance.now() - began);
    } else if (response.status === 429 || response.status === 503) {
      this.pause = 1000 * (Number(response.headers.get("Retry-After")) || 1);
      await this.#later("The server has much to do; it is asked again in a moment.");
    } else {
      this.calls.refused(question, await sentenceOf(response));
    }
  }

  async #later(sentence) {
    this.calls.waiting(sentence);
    await sleep(Math.min(this.pause, PAUSE_MAX_MS));
    this.pause = Math.min(2 * this.pause, PAUSE_MAX_MS);
    this.isWanted = true;
  }
}
