import gc
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "breakthrough.settings")
os.environ["TWO_WEEKS_WEB"] = "1"
try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.exit(str(error))  # the web server prints one line and ends

# What has been loaded stays for good: the collector does not walk it again and again while somebody
# waits.
gc.collect()
gc.freeze()
