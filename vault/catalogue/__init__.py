"""The index over the journal, in SQL: what makes questions quick. It can be thrown away and rebuilt.

schema/ what it holds · database.py opening and migrating it, as a file (sqlite.py) or on a server (postgresql/) ·
projection/ how acts change it · search.py and texts.py how it is asked in Chinese · queries.py the questions.
"""
