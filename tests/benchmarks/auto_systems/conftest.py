"""The programs of the rivals run where these are installed: here they cannot even be imported."""

collect_ignore = ["by_autogluon.py", "by_flaml.py", "by_lightgbm.py"]
