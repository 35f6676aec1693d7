// What is said of a call, as clips of static/voice/: the same rule as display/speech.py
// (tests/browser/test_display.py holds the two against each other).

/** The clips of one sentence: 请A · 零一二号 · 到三号窗口办理. */
export function spoken(number, window) {
  const [, letters, digits] = /^([A-Z]*)(\d*)$/.exec(number) || [null, "", ""];
  const clips = letters ? [`please-${letters[0]}.ogg`] : [];
  for (const letter of letters.slice(1)) clips.push(`letter-${letter}.ogg`);
  return [...clips, `number-${digits}.ogg`, `window-${window}.ogg`];
}
