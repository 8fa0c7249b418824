"""Fields that a library looks at by name."""

from . import Sample

SAMPLES = [
    Sample(
        "str.format field",
        {
            "m.py": """\
class User:
    def __init__(self): self.name = 1
u = User()
"{0.name}".format(u)  # reported
"{u.name} {u.name!r:>10}".format(u=u)  # reported
"{name}".format(name=1)  # kept
"{x.name}".format_map({"x": u})  # reported
"{.name}".format(u)  # reported
"{0[name]}".format({"name": 1})  # kept
"{0.name.first}".format(u)  # reported
"{0.first.name}".format(u)  # reported
""",
        },
        "m.User.name",
    ),
    Sample(
        "str.format known other receiver",
        {
            "m.py": """\
class User:
    def __init__(self): self.name = 1
class Dog:
    def __init__(self): self.name = 1  # kept
"{0.name}".format(Dog())  # kept
"{d.name}".format(d=Dog())  # kept
T = "{u.name}"  # reported
T.format(u=User())
""",
        },
        "m.User.name",
    ),
    Sample(
        "percent format",
        {
            "m.py": """\
name = 1
"%(name)s" % {"name": 2}  # kept
"%(name)s" % locals()  # reported
"%(name)s" % globals()  # reported
"{name}".format(**locals())  # reported
"{name}".format(**globals())  # reported
""",
        },
        "m.name",
    ),
    Sample(
        "orm far",
        {
            "models.py": """\
from django.db import models
class User(models.Model):
    name = models.CharField()  # noted
    class Meta:
        ordering = ["name"]  # reported
        unique_together = [("name", "other")]  # reported
        indexes = [models.Index(fields=["name"])]  # reported
""",
            "v.py": """\
from models import User
User.objects.filter(name="x").exclude(name__in=[1])  # reported
User.objects.create(name="x")  # reported
User.objects.values("name")  # reported
User.objects.order_by("-name")  # reported
User.objects.filter(group__name="x")  # reported
User(name="x")  # reported
print("name")  # kept
other(name="x")  # kept
""",
            "admin.py": """\
from django.contrib import admin
from models import User
class UserAdmin(admin.ModelAdmin):
    list_display = ["name", "x"]  # reported
    model = User
""",
            "forms.py": """\
from django.forms import ModelForm
from models import User
class F(ModelForm):
    class Meta:
        model = User
        fields = ["name"]  # reported
""",
            "migrations/0001.py": """\
from django.db import migrations, models
class Migration(migrations.Migration):
    operations = [migrations.AddField("User", "name", models.CharField())]  # reported
""",
        },
        "models.User.name",
    ),
    Sample(
        "set_name",
        {
            "m.py": """\
class F:
    def __set_name__(self, owner, name):
        self.name = name
    def __get__(self, obj, owner):
        return obj.__dict__[self.name]
class C:
    x = F()  # noted
C().x
""",
        },
        "m.C.x",
    ),
]
