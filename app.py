"""`app` for any WSGI server; `python app.py` serves on localhost."""

from supplier.factory import create_app

app = create_app()

if __name__ == "__main__":
    app.run()
