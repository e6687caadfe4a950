// Has a code sent without leaving the page. Without this script the button sends the whole form and gets it back.
for (const button of document.querySelectorAll("[data-send-code]")) {
  const { form } = button;
  const said = form.querySelector("[data-code-said]");
  const problem = form.querySelector("[data-code-problem]");
  const label = button.textContent;

  const wait = (seconds) => {
    button.disabled = seconds > 0;
    button.textContent = seconds > 0 ? button.dataset.again.replace("%s", seconds) : label;
    if (seconds > 0) setTimeout(wait, 1000, seconds - 1);
  };
  const complain = (text) => {
    problem.hidden = !text;
    problem.querySelector("span").textContent = text;
  };

  button.addEventListener("click", async (event) => {
    event.preventDefault();
    button.disabled = true;
    complain("");
    try {
      const headers = { Accept: "application/json" };
      const answer = await fetch(button.formAction, { method: "POST", body: new URLSearchParams(new FormData(form)), headers });
      const told = await answer.json();
      said.textContent = told.said ?? "";
      complain(told.problem ?? "");
      wait(told.wait ?? 0);
      form.elements[told.field ?? "code"].focus();
    } catch {
      button.disabled = false;
      form.requestSubmit?.(button); // the long way says what is wrong
    }
  });
  wait(Number(button.dataset.wait ?? 0));
}
