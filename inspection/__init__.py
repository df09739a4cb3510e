"""监督抽检: the application. People, records, time, HTTP. One folder per stage of the regulator's work."""
