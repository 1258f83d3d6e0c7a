// After a form comes back with errors, its summary is where reading goes on.
document.querySelector("[data-error-summary]")?.focus();
