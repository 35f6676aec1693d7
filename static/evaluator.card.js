// What every evaluator shows between two citizens: whose window it is and who sits there.
const GREETINGS = { open: "欢迎光临", paused: "暂停服务", closed: "未登录" };

export const find = (name) => document.querySelector(`[data-${name}]`);
export const put = (name, text) => {
  find(name).textContent = text;
};

export function putCard({ clerk, state, name, hint }) {
  find("screen=idle").dataset.state = state;
  put("greeting", GREETINGS[state]);
  put("clerk-name", clerk ? clerk.name : "");
  put("clerk-number", clerk ? clerk.staff_number : "");
  put("clerk-post", clerk ? clerk.post : "");
  put("window-name", name);
  find("clerk-facts").hidden = !clerk;
  find("post-row").hidden = !clerk || !clerk.post;
  const photo = find("photo");
  photo.hidden = !clerk || !clerk.photo;
  if (!photo.hidden && photo.getAttribute("src") !== clerk.photo) photo.src = clerk.photo;
  put("idle-hint", hint);
}
