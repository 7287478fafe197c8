// The people of a demonstration: one press writes their sign-in into the form, so that nobody has to type it.
const login = document.querySelector("[name=login]");
const password = document.querySelector("[name=password]");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-login]");
  if (!button || !login || !password) return;
  login.value = button.dataset.login;
  password.value = button.dataset.password;
  login.form.querySelector("button[type=submit]").focus();
});
