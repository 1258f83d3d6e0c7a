from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.wording import OurWords
from program.archive.reading import MAX_ZIP_BYTES, ArchiveRefusedError
from program.archive.restoring import Archive


class ImportForm(OurWords, forms.Form):
    """An archive, as it was exported here or on another site."""

    file = forms.FileField(
        label=gettext_lazy("Your archive"),
        help_text=gettext_lazy("The zip that Export gave you, of 5 megabytes at most."),
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
        error_messages={
            "required": gettext_lazy("Choose the zip first."),
            "empty": gettext_lazy("That file is empty. Choose the zip that Export gave you."),
            "invalid": gettext_lazy("No file came with that. Choose the zip first."),
            "max_length": gettext_lazy("The name of that file is too long. Shorten it."),
        },
        max_length=200,
    )

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > MAX_ZIP_BYTES:
            raise forms.ValidationError(_("The file is larger than an archive may be."))
        content: bytes = file.read()
        return content

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "file" in data:
            try:
                data["archive"] = Archive.of(data["file"])
            except ArchiveRefusedError as refusal:
                self.refuse(refusal)
        return data

    def refuse(self, refusal: ArchiveRefusedError) -> None:
        self.add_error("file", list(refusal.problems))
